-- Table for the rows of a mart's statement, until they are staged.
-- grain: as the mart
-- columns: those of the mart
-- identifiers: table, new_rows (the place)
create or replace temp table {new_rows} as
select {table}.*
from {table}
limit 0;
