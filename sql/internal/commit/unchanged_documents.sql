-- Documents of a commit that were stored again although no label changed.
-- grain: document
-- columns: those of history_documents
-- parameters: snapshot_id
create or replace temp table unchanged_documents as
select *
from temp.main.history_documents
where
    old_key is not null and new_key is not null and not is_same
    and document_id not in (select document_id from label_changes where snapshot_id = $snapshot_id);
