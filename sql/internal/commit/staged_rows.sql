-- Show the rows of staged files under a name.
-- identifiers: table, files (a list of texts in SQL)
create or replace temp view {table} as
select *
from read_parquet({files}, hive_partitioning => false);
