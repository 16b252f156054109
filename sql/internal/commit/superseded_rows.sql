-- Whether a document version that is superseded came as a label row.
-- grain: one row
-- columns: exists
select exists(
    select 1
    from label_rows
    where document_key in (select document_key from temp.main.superseded_documents)
);
