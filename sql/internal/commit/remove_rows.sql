-- Remove the rows of the superseded document versions from one table.
-- identifiers: table
delete from {table}
where document_key in (select document_key from temp.main.superseded_documents);
