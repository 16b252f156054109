-- Stage and status of each label row that a commit wrote.
-- grain: version of a label row
-- columns: those of mart_row_stages
-- parameters: of_commit (snapshot that the commit made), project, first_number and ingest_number (first and last
--   number of its ingests)
select
    new_ingests.project,
    new_ingests.ingest_number,
    new_ingests.ingest_id,
    new_ingests.ingested_at,
    documents.document_id,
    label_rows.workflow_stage,
    label_rows.label_status,
    label_rows.task_status
from label_rows at (version => $of_commit)
inner join documents at (version => $of_commit)
    on documents.document_key = label_rows.document_key and documents.project = $project
inner join temp.main.new_ingests as new_ingests on new_ingests.ingest_id = documents.ingest_id
where new_ingests.ingest_number between $first_number and $ingest_number;
