-- Whether any label gets an identity that its own row does not tell.
-- grain: one row
-- columns: found
select
    exists (from temp.main.history_identities)
    or exists (
        select 1
        from label_ids
        inner join temp.main.history_documents as documents on documents.old_key = label_ids.document_key
        where documents.is_same
    ) as found;
