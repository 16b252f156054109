-- Table for the documents that the sources of a commit hold, staged or not.
-- grain: document of a source
-- columns: document_key, document_id, fingerprint, is_stored (false if nothing was staged because the warehouse
--   held the document when parsing began)
create or replace temp table staged_documents (
    document_key bigint,
    document_id varchar,
    fingerprint varchar,
    is_stored boolean
);
