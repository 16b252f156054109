-- Labels, images and documents of each class of a project after each commit that the marts lack, if no document went
-- since they were fresh: a document is then there from the commit that brought it on. One statement does for all
-- commits what class_history does for one.
-- grain: project, commit, class
-- columns: those of mart_class_history
-- parameters: snapshot (snapshot that the marts will hold), is_whole (all rows are new)
with rows_of_documents as (
    select mart.document_key, mart.category_name, mart.label_count, mart.image_count, mart.manual_count,
        mart.automated_count
    from mart_class_balance as mart at (version => $snapshot)
    where not $is_whole
    union all
    select new_rows.document_key, new_rows.category_name, new_rows.label_count, new_rows.image_count,
        new_rows.manual_count, new_rows.automated_count
    from temp.main.class_counts as new_rows
),

came as (
    select
        documents.project,
        rows_of_documents.category_name,
        coalesce(new_ingests.snapshot_id, -1) as snapshot_id,
        count(distinct rows_of_documents.document_key) as document_count,
        sum(rows_of_documents.image_count) as image_count,
        sum(rows_of_documents.label_count) as label_count,
        sum(rows_of_documents.manual_count) as manual_count,
        sum(rows_of_documents.automated_count) as automated_count
    from rows_of_documents
    inner join documents at (version => $snapshot) on documents.document_key = rows_of_documents.document_key
    left join temp.main.new_ingests as new_ingests
        on new_ingests.ingest_number = rows_of_documents.document_key >> 32
    group by documents.project, rows_of_documents.category_name, coalesce(new_ingests.snapshot_id, -1)
),

commits as (
    select
        new_ingests.project,
        new_ingests.snapshot_id,
        max(new_ingests.ingest_number) as ingest_number,
        arg_max(new_ingests.ingest_id, new_ingests.ingest_number) as ingest_id,
        arg_max(new_ingests.ingested_at, new_ingests.ingest_number) as ingested_at
    from temp.main.new_ingests as new_ingests
    group by new_ingests.project, new_ingests.snapshot_id
    union all
    -- what was there before all of them
    select distinct came.project, -1, null, null, null
    from came
),

classes as (
    select came.project, came.category_name, min(came.snapshot_id) as first_snapshot
    from came
    group by came.project, came.category_name
),

sums as (
    select
        commits.*,
        classes.category_name,
        sum(came.document_count) over so_far as document_count,
        sum(came.image_count) over so_far as image_count,
        sum(came.label_count) over so_far as label_count,
        sum(came.manual_count) over so_far as manual_count,
        sum(came.automated_count) over so_far as automated_count
    from commits
    inner join classes on classes.project = commits.project and classes.first_snapshot <= commits.snapshot_id
    left join came
        on came.project = commits.project
        and came.snapshot_id = commits.snapshot_id
        and came.category_name is not distinct from classes.category_name
    window so_far as (
        partition by commits.project, classes.category_name
        order by commits.snapshot_id
        rows between unbounded preceding and current row
    )
)

select
    sums.project,
    sums.ingest_number,
    sums.ingest_id,
    sums.ingested_at,
    sums.category_name,
    sums.document_count::bigint as document_count,
    sums.image_count::bigint as image_count,
    sums.label_count::bigint as label_count,
    sums.manual_count::bigint as manual_count,
    sums.automated_count::bigint as automated_count
from sums
where sums.ingest_number is not null;
