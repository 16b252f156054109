-- A table for the ids that stand more than once in a document.
-- grain: id of a document version
-- columns: section, document_key, id
create or replace temp table repeated_ids (section varchar, document_key bigint, id bigint);
