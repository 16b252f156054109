-- The labels that differ between two snapshots, for a person to read.
-- grain: label that differs
-- columns: project, document_id, image_key, label_id, category, change, fields (names, comma-separated)
select
    project, document_id, image_key, label_id, category, change, array_to_string(fields, ', ') as fields
from temp.main.net_changes
order by project, document_id, image_key, label_id;
