-- Table for the ids that occur more than once in a document.
-- grain: id of a document version
-- columns: section, document_key, id
create or replace temp table duplicate_ids (section varchar, document_key bigint, id bigint);
