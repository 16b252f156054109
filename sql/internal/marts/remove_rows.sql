-- Remove the rows of the document versions that are gone from one mart.
-- identifiers: table
delete from {table}
where document_key in (select gone_documents.document_key from temp.main.gone_documents as gone_documents);
