-- A mart's counts differ from the document's own, or a mart has a document twice.
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
)

select
    concat(
        'document ', documents.document_key, ': in the marts ', coverage.row_count, ' times, with ',
        coverage.image_count, ' of ', documents.image_count, ' images, ', coverage.label_count, ' and ',
        coalesce(class_counts.found, 0), ' of ', documents.annotation_count, ' annotations'
    ) as what
from documents
inner join coverage on coverage.document_key = documents.document_key
left join class_counts on class_counts.document_key = documents.document_key
where
    coverage.row_count <> 1
    or coverage.image_count <> documents.image_count
    or coverage.label_count <> documents.annotation_count
    or coalesce(class_counts.found, 0) <> documents.annotation_count
order by documents.document_key;
