-- Whether documents that are new to the project brought labels.
-- grain: one row
-- columns: found
select exists (
    select 1
    from temp.main.history_labels as labels
    inner join temp.main.history_documents as documents on documents.new_key = labels.document_key
    where documents.old_key is null and not documents.is_back
) as found;
