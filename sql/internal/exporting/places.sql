-- Number of places that the images and the labels of documents take up; records in quarantine leave gaps.
-- grain: document that has images or labels
-- columns: document_key, image_places, annotation_places (one more than the position of the last record)
-- parameters: low, high (the least and the greatest key)
select
    places.document_key,
    coalesce(max(places.position) filter (where places.is_image) + 1, 0) as image_places,
    coalesce(max(places.position) filter (where not places.is_image) + 1, 0) as annotation_places
from (
    select images.document_key, images.position, true as is_image
    from images
    where images.document_key between $low and $high
    union all
    select annotations.document_key, annotations.position, false
    from annotations
    where annotations.document_key between $low and $high
) as places
group by places.document_key;
