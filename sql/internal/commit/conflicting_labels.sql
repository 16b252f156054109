-- Labels of new documents whose identity another label of their image claims or may get.
-- grain: label
-- columns: document, position
create or replace temp table conflicting_labels as
select document, position
from temp.main.history_label_rows
where
    is_arrival
    and hash(document, image_number, label_id) in (select claim from temp.main.conflicting_identities);
