-- Place of each staged document in its text.
-- grain: staged document
-- columns: document_key, pointer (JSON pointer)
-- parameters: files
create or replace temp table staged_pointers as
select document_key, pointer
from read_parquet($files, hive_partitioning => false);
