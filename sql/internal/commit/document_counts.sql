-- Counts of what a commit does to the documents of each of its sources.
-- grain: ingest
-- columns: ingest_number (the upper half of a document's key), added, changed, unchanged (including those that a
--   later source of the commit holds too, and those that are kept out), stale (not staged because the warehouse
--   held the same, but now it holds something else)
select
    document_key >> 32 as ingest_number,
    count(*) filter (where old_key is null and is_last and not is_kept_out) as added,
    count(*) filter (where old_key is not null and not is_same and is_last and not is_kept_out) as changed,
    count(*) filter (where not is_last or is_kept_out or (old_key is not null and is_same)) as unchanged,
    count(*) filter (where not is_stored and not is_same and not is_kept_out) as stale
from temp.main.incoming_documents
group by ingest_number;
