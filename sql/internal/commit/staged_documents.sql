-- A table for the documents that the sources of a commit hold, whether they were staged or not.
-- grain: document of a source
-- columns: document_key, document_id, fingerprint, is_stored (false for one that the warehouse held when
--   parsing began: nothing was staged of it)
create or replace temp table staged_documents (
    document_key bigint,
    document_id varchar,
    fingerprint varchar,
    is_stored boolean
);
