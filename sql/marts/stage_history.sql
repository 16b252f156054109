-- Label rows of a project in each stage and status after a commit.
-- grain: stage and status
-- columns: those of mart_stage_history
-- parameters: of_commit (snapshot that the commit made), project, ingest_number
select
    new_ingests.project,
    new_ingests.ingest_number,
    new_ingests.ingest_id,
    new_ingests.ingested_at,
    label_rows.workflow_stage,
    label_rows.label_status,
    label_rows.task_status,
    count(*) as row_count,
    sum(documents.annotation_count)::bigint as label_count
from label_rows at (version => $of_commit)
inner join documents at (version => $of_commit)
    on documents.document_key = label_rows.document_key and documents.project = $project
inner join temp.main.new_ingests as new_ingests on new_ingests.ingest_number = $ingest_number
group by
    new_ingests.project,
    new_ingests.ingest_number,
    new_ingests.ingest_id,
    new_ingests.ingested_at,
    label_rows.workflow_stage,
    label_rows.label_status,
    label_rows.task_status;
