-- Show no rows under a name, with the columns of a table.
-- identifiers: table, like (the table)
create or replace temp view {table} as
select *
from {like}
limit 0;
