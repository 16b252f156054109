-- Document versions whose labels a commit names or compares. It is a table so that the planner knows how few
-- they are.
-- grain: document version
-- columns: document (document_key of the new version, else of the old one: one number for both), document_key,
--   is_old, is_arrival (its document is new to the project), category_set
create or replace temp table history_versions as
with found as (
    select
        coalesce(new_key, old_key) as document,
        new_key as document_key,
        false as is_old,
        old_key is null and not is_back as is_arrival
    from temp.main.history_documents
    where new_key is not null and not is_same
    union all
    select coalesce(new_key, old_key), old_key, true, false
    from temp.main.history_documents
    where old_key is not null and not is_same
)

select found.*, documents.category_set
from found
inner join documents on documents.document_key = found.document_key;
