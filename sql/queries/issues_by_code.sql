-- Which doubtful values were stored, and how many?
-- grain: project, reason, section
-- columns: project, code, section, issue_count (issues), document_count (documents with such an issue), message
--   (message of one of them), pointer (JSON pointer of that value in its file)
-- parameters: project (project; default null: all)
select
    ingests.project,
    issues.code,
    issues.section,
    count(*) as issue_count,
    count(distinct issues.document_key) as document_count,
    arg_min(issues.message, (issues.document_key, issues.position)) as message,
    arg_min(issues.pointer, (issues.document_key, issues.position)) as pointer
from issues
inner join ingests on ingests.ingest_id = issues.ingest_id
where $project is null or ingests.project = $project
group by ingests.project, issues.code, issues.section
order by issue_count desc, ingests.project, issues.code, issues.section;
