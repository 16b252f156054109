-- A place for the rows that a mart's statement finds, until they are staged.
-- grain: as the mart
-- columns: those of the mart
-- identifiers: table
create or replace temp table new_{table} as
select {table}.*
from {table}
limit 0;
