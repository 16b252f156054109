-- Copy the rows of a commit's document versions into a temporary table that hides the table of the warehouse.
-- identifiers: table
-- parameters: first_key, last_key (document keys of the versions)
create temp table {table} as
select *
from lake.main.{table}
where
    document_key between $first_key and $last_key
    and document_key in (select document_key from temp.main.commit_versions);
