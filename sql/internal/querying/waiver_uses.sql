-- How many failing rows each waiver holds for.
-- grain: waiver that holds for any
-- columns: waiver (number), row_count
select keyed_rows.waiver, count(*) as row_count
from keyed_rows
where keyed_rows.waiver is not null
group by keyed_rows.waiver;
