-- A place for a mart's new rows until the end of a refresh.
-- grain: as the mart
-- columns: those of the mart
-- identifiers: table
create or replace temp table new_{table} as
select {table}.*
from {table}
limit 0;
