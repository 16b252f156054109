-- Statements that the warehouse was defined with.
-- grain: table, macro or view
-- columns: kind (table, macro or view), name, statement_hash
select kind, name, statement_hash
from definitions
where item is null;
