-- Collected new rows of a mart, in its order.
-- grain: as the mart
-- columns: those of the mart
-- identifiers: table, order (columns that the mart is sorted by)
select new_rows.*
from temp.main.{table} as new_rows
order by {order};
