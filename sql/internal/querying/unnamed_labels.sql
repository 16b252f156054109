-- Labels of failing rows whose check does not say their category.
-- grain: label
-- columns: document_key, position
select distinct check_rows.document_key, check_rows.annotation_position as position
from check_rows
where
    check_rows.category_name is null
    and check_rows.annotation_position is not null
    and check_rows.document_key is not null;
