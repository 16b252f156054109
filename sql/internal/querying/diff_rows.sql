-- The labels that differ between two snapshots, in the order of projects, documents and images.
-- grain: label that differs
-- columns: project, document_id, image_key, label_id, category, change, fields, before, after, ingest_id,
--   changed_at (UTC)
select
    project, document_id, image_key, label_id, category, change, fields, before, after, ingest_id, changed_at
from temp.main.net_changes
order by project, document_id, image_key, label_id;
