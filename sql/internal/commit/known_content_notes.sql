-- How many documents of each source of a commit are new by name only, for notes to the user.
-- grain: ingest, project
-- columns: ingest_number, old_project, documents (count), old_id (one of the documents that have their content)
select
    new_key >> 32 as ingest_number,
    old_project,
    count(*) as documents,
    min(old_id) as old_id
from temp.main.known_contents
group by all
order by all;
