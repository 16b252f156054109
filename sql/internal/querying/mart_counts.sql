-- Documents whose counts in a mart differ from their own, or that a mart has twice.
-- grain: document that the marts know, fresh or not
-- columns: what
with class_counts as (
    select mart_class_balance.document_key, sum(mart_class_balance.label_count) as found
    from mart_class_balance
    group by mart_class_balance.document_key
),

coverage as (
    select
        mart_image_coverage.document_key,
        count(*) as row_count,
        max(mart_image_coverage.image_count) as image_count,
        max(mart_image_coverage.label_count) as label_count
    from mart_image_coverage
    group by mart_image_coverage.document_key
),

others as (
    -- segments count instead of the panoptic label that has them, and captions do not count
    select
        annotations.document_key,
        sum(
            case record_kind(annotations.extra, annotations.bbox_w, annotations.segmentation_kind)
                when 'panoptic' then json_array_length(annotations.extra, '$.segments_info')::bigint - 1
                when 'caption' then -1
                else 0
            end
        ) as difference
    from annotations
    where annotations.extra like '%"segments_info"%' or annotations.extra like '%"caption"%'
    group by annotations.document_key
),

counted as (
    select
        documents.document_key,
        documents.image_count,
        documents.annotation_count,
        documents.annotation_count + coalesce(others.difference, 0) as label_count
    from documents
    left join others on others.document_key = documents.document_key
)

select
    concat(
        'document ', documents.document_key, ': in the marts ', counted(coverage.row_count, 'time', 'times'), ', with ',
        coverage.image_count, ' of ', documents.image_count, ' images, ', coverage.label_count, ' and ',
        coalesce(class_counts.found, 0), ' of ', documents.label_count, ' annotations'
    ) as what
from counted as documents
inner join coverage on coverage.document_key = documents.document_key
left join class_counts on class_counts.document_key = documents.document_key
where
    coverage.row_count <> 1
    or coverage.image_count <> documents.image_count
    -- earlier builds counted every annotation as a label
    or coverage.label_count not in (documents.label_count, documents.annotation_count)
    or coalesce(class_counts.found, 0) <> coverage.label_count
order by documents.document_key;
