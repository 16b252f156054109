-- Committed ingests some of whose document versions the marts have not got: they went again before a refresh saw
-- them. The ledger says how many there were.
-- grain: ingest
-- columns: snapshot_id (that its commit made; null for an ingest whose snapshot the marts need no more)
with known_counts as (
    select
        known_documents.document_key >> 32 as ingest_number,
        count(*) as document_count
    from temp.main.known_documents as known_documents
    group by known_documents.document_key >> 32
)

select new_ingests.snapshot_id
from ingests
left join known_counts on known_counts.ingest_number = ingests.ingest_number
left join temp.main.new_ingests as new_ingests on new_ingests.ingest_id = ingests.ingest_id
where
    ingests.status = 'committed'
    and coalesce(ingests.document_count, 0) != coalesce(known_counts.document_count, 0);
