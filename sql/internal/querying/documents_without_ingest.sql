-- Documents whose ingest is not committed in the ledger.
-- grain: ingest
-- columns: what
select
    concat(
        'ingest ', documents.ingest_id, ': ', counted(count(*), 'document', 'documents'),
        ', but no committed row in ingests'
    ) as what
from documents
anti join ingests on ingests.ingest_id = documents.ingest_id and ingests.status = 'committed'
group by documents.ingest_id
order by what;
