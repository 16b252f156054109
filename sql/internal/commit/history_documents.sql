-- Documents of a commit whose labels may have changed, with the ingest that they count for.
-- grain: document
-- columns: those of document_pairs, ingest_id, changed_at
create or replace temp view history_documents as
select pairs.*, ingests.ingest_id, ingests.changed_at
from temp.main.document_pairs as pairs
inner join temp.main.history_ingests as ingests on ingests.ingest_number = pairs.ingest_number;
