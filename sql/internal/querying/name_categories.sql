-- Categories of the failing rows whose check does not say them.
update check_rows
set category_name = named_labels.category_name
from named_labels
where
    check_rows.category_name is null
    and check_rows.document_key = named_labels.document_key
    and check_rows.annotation_position = named_labels.position;
