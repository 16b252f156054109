-- What the published file says about itself.
-- grain: one row
-- columns: snapshot_id, ingest_number, ingest_id, labels_written, label_count, layout
select snapshot_id, ingest_number, ingest_id, labels_written, label_count, layout
from published.main.published;
