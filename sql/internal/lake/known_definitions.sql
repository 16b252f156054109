-- What the warehouse has been defined with.
-- grain: table, macro or view
-- columns: kind (table, macro or view), name, statement_hash
select kind, name, statement_hash
from definitions
where item is null;
