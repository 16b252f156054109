-- Why could records not be stored?
-- grain: project, reason, section
-- columns: project, code, section, record_count (records), document_count (documents with such a record),
--   message (message of one of them), pointer (JSON pointer of that record in its file)
-- parameters: project (project; default null: all)
select
    ingests.project,
    quarantine.code,
    quarantine.section,
    count(*) as record_count,
    count(distinct quarantine.document_key) as document_count,
    arg_min(quarantine.message, (quarantine.document_key, quarantine.position)) as message,
    arg_min(quarantine.pointer, (quarantine.document_key, quarantine.position)) as pointer
from quarantine
inner join ingests on ingests.ingest_id = quarantine.ingest_id
where $project is null or ingests.project = $project
group by ingests.project, quarantine.code, quarantine.section
order by record_count desc, ingests.project, quarantine.code, quarantine.section;
