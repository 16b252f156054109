-- The latest ingest that each project's documents come from, and that of the whole warehouse.
-- grain: project that has documents; and one row with a null project, if there are documents
-- columns: project, ingest_id
select
    documents.project,
    arg_max(documents.ingest_id, documents.document_key) as ingest_id
from documents
group by grouping sets ((documents.project), ())
having count(*) > 0;
