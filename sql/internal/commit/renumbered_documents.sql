-- Number of documents of each ingest of a commit that were stored again although they mean the same. No label
-- changed, and images, categories, title and other keys are equal except for ids and order.
-- grain: ingest
-- columns: ingest_id, renumbered
with versions as (
    select new_key as document, old_key as document_key, true as is_old from temp.main.unchanged_documents
    union all
    select new_key, new_key, false from temp.main.unchanged_documents
),

image_sums as (
    select
        versions.document_key,
        count(*) as images,
        sum(
            hash(
                images.image_key, images.file_name, images.title, images.width, images.height,
                images.coco_url, images.extra
            )::hugeint
        ) as image_sum
    from images
    inner join versions on versions.document_key = images.document_key
    group by versions.document_key
),

category_sums as (
    select
        versions.document_key,
        count(*) as categories,
        sum(
            hash(
                categories.name, categories.supercategory, categories.keypoints, categories.skeleton,
                categories.extra
            )::hugeint
        ) as category_sum
    from versions
    inner join documents on documents.document_key = versions.document_key
    inner join categories on categories.category_set = documents.category_set
    group by versions.document_key
),

meanings as (
    select
        versions.document,
        {
            'title': documents.title,
            'extra': documents.extra,
            'images': image_sums.images,
            'image_sum': image_sums.image_sum,
            'categories': category_sums.categories,
            'category_sum': category_sums.category_sum
        } as meaning
    from versions
    inner join documents on documents.document_key = versions.document_key
    left join image_sums on image_sums.document_key = versions.document_key
    left join category_sums on category_sums.document_key = versions.document_key
),

renumbered as (
    select document
    from meanings
    group by document
    having count(distinct meaning) = 1
)

select quiet.ingest_id, count(*) as renumbered
from temp.main.unchanged_documents as quiet
inner join renumbered on renumbered.document = quiet.new_key
group by quiet.ingest_id;
