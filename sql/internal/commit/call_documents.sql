-- Documents of the sources that a call loads one after the other. The table keeps only hashes, for there may be
-- many.
-- grain: document of a source
-- columns: document (hash of document_id), version (hash of the fingerprint), ingest_number
create or replace temp table call_documents (
    document ubigint,
    version ubigint,
    ingest_number bigint
);
