-- The images that both sides have: by their keys, and where a key is on one side alone, by the name of the file
-- without its folders, if that is unique among such images of each side.
-- grain: image
-- columns: image (number from 1, by document and id), document_id, image_id, height, width, image_key (of the reference side),
--   other_key
create or replace temp table common_images as
with by_key as (
    select reference_images.image_key, reference_images.image_key as other_key
    from temp.main.reference_images as reference_images
    semi join temp.main.other_images as other_images using (image_key)
),

reference_names as (
    select base_name, min(image_key) as image_key
    from temp.main.reference_images as reference_images
    where base_name <> '' and image_key not in (select by_key.image_key from by_key)
    group by base_name
    having count(*) = 1
),

other_names as (
    select base_name, min(image_key) as image_key
    from temp.main.other_images as other_images
    where base_name <> '' and image_key not in (select by_key.image_key from by_key)
    group by base_name
    having count(*) = 1
),

matched as (
    from by_key
    union all
    select reference_names.image_key, other_names.image_key as other_key
    from reference_names
    inner join other_names using (base_name)
)

select
    row_number() over (order by reference_images.document_id, reference_images.image_id, matched.image_key) as image,
    reference_images.document_id,
    reference_images.image_id,
    reference_images.height,
    reference_images.width,
    matched.image_key,
    matched.other_key
from matched
inner join temp.main.reference_images as reference_images on reference_images.image_key = matched.image_key;
