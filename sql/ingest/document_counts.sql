-- What a commit does to the documents of each of its sources.
-- grain: ingest
-- columns: ingest_id, added, changed, unchanged
select
    ingest_id,
    count(*) filter (where old_key is null) as added,
    count(*) filter (where old_key is not null and not is_same) as changed,
    count(*) filter (where old_key is not null and is_same) as unchanged
from temp.main.incoming_documents
group by ingest_id;
