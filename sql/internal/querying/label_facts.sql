-- Category, id and image file of labels.
-- grain: label
-- columns: document_key, position, annotation_id, category_name, file_name (of the image)
with wanted as (
    select annotations.document_key, annotations.position, annotations.annotation_id, annotations.image_id,
        annotations.category_id
    from annotations
    semi join wanted_labels
        on wanted_labels.document_key = annotations.document_key
        and wanted_labels.position = annotations.position
    where annotations.document_key in (select wanted_labels.document_key from wanted_labels)
),

first_categories as (
    select categories.category_set, categories.category_id,
        arg_min(categories.name, categories.position) as category_name
    from categories
    group by categories.category_set, categories.category_id
),

first_images as (
    select images.document_key, images.image_id, arg_min(images.file_name, images.position) as file_name
    from images
    semi join wanted
        on wanted.document_key = images.document_key and wanted.image_id = images.image_id
    group by images.document_key, images.image_id
)

select
    wanted.document_key,
    wanted.position,
    wanted.annotation_id,
    first_categories.category_name,
    first_images.file_name
from wanted
inner join documents on documents.document_key = wanted.document_key
left join first_categories
    on first_categories.category_set = documents.category_set
    and first_categories.category_id = wanted.category_id
left join first_images
    on first_images.document_key = wanted.document_key and first_images.image_id = wanted.image_id;
