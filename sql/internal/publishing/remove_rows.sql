-- Remove the rows of document versions that are gone from one table of the published file.
-- grain: row of the table
-- columns: those of the table
delete from {table}
where document_key in (select document_key from temp.main.gone_documents);
