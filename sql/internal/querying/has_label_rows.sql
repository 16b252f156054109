-- Whether there are label rows.
-- grain: one row
-- columns: has_label_rows
-- parameters: project (null for any)
select exists(
    select 1
    from label_rows
    inner join documents on documents.document_key = label_rows.document_key
    where $project is null or documents.project = $project
) as has_label_rows;
