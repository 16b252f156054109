-- Documents that lost many of their labels in the last ingest of their project that changed any.
-- grain: document
-- columns: project, document_id, document_key, image_key, annotation_position, label_id (identity of the
--   label within the image), what (in words), ingest_id (ingest that removed them), removed_count (labels
--   removed), added_count (labels added), before_count (labels before it)
-- severity: error
-- explanation: Work was lost, or an export was cut short. Many are at least 10 labels, and at least 30 % of
--   those that the document had. A document that is gone altogether has lost all of them.
with latest as (
    select label_changes.project, max(label_changes.ingest_number) as ingest_number
    from label_changes
    group by label_changes.project
),

changed as (
    select
        label_changes.project,
        label_changes.document_id,
        any_value(label_changes.ingest_id) as ingest_id,
        count(*) filter (where label_changes.change = 'removed') as removed_count,
        count(*) filter (where label_changes.change = 'added') as added_count
    from label_changes
    inner join latest
        on latest.project = label_changes.project and latest.ingest_number = label_changes.ingest_number
    group by label_changes.project, label_changes.document_id
),

compared as (
    select
        changed.*,
        documents.document_key,
        coalesce(documents.annotation_count, 0) + changed.removed_count - changed.added_count as before_count
    from changed
    left join documents
        on documents.project = changed.project and documents.document_id = changed.document_id
)

select
    compared.project,
    compared.document_id,
    compared.document_key,
    null::varchar as image_key,
    null::bigint as annotation_position,
    null::varchar as label_id,
    concat('lost ', compared.removed_count - compared.added_count, ' of ', compared.before_count, ' labels') as what,
    compared.ingest_id,
    compared.removed_count,
    compared.added_count,
    compared.before_count
from compared
where
    compared.removed_count - compared.added_count >= 10
    and compared.removed_count - compared.added_count >= 0.3 * compared.before_count
order by compared.project, compared.document_id;
