-- The images and annotations whose id an earlier one of their document has.
-- grain: record
-- columns: section, document_key, position
create or replace temp table repeats as
select
    repeated_ids.section,
    images.document_key,
    images.position
from images
inner join temp.main.repeated_ids as repeated_ids
    on repeated_ids.section = 'images'
    and repeated_ids.document_key = images.document_key
    and repeated_ids.id is not distinct from images.image_id
qualify
    row_number() over (partition by images.document_key, images.image_id order by images.position) > 1

union all

select
    repeated_ids.section,
    annotations.document_key,
    annotations.position
from annotations
inner join temp.main.repeated_ids as repeated_ids
    on repeated_ids.section = 'annotations'
    and repeated_ids.document_key = annotations.document_key
    and repeated_ids.id = annotations.annotation_id
qualify
    row_number() over (
        partition by annotations.document_key, annotations.annotation_id order by annotations.position
    ) > 1;
