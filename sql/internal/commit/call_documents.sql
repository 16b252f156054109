-- The documents of the sources of a call that are loaded, one after the other: hashes, for they may be many.
-- grain: document of a source
-- columns: document (hash of document_id), version (hash of the fingerprint), ingest_number
create or replace temp table call_documents (
    document ubigint,
    version ubigint,
    ingest_number bigint
);
