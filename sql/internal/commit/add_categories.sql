-- Store the category sets that the warehouse does not know yet; a set that is staged twice is stored once.
-- parameters: files
insert into categories
select distinct staged.*
from read_parquet($files, hive_partitioning => false) as staged
where staged.category_set not in (select category_set from categories);
