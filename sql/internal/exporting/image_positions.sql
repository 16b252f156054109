-- Positions of the images of a range of labels in their document; where several images have one id, the first
-- counts.
-- grain: document and image_id that labels of the range refer to
-- columns: ordinal (of the document in keys, from 1), image_id, position
-- parameters: keys (of documents in order, joined by commas), low, high (their least and greatest key), first, last
--   (positions of labels)
select wanted.ordinal, images.image_id, min(images.position) as position
from images
inner join ({wanted}) as wanted
    on wanted.document_key = images.document_key
where
    images.document_key between $low and $high
    and (images.document_key, images.image_id) in (
        select (annotations.document_key, annotations.image_id)
        from annotations
        where
            annotations.document_key between $low and $high
            and annotations.position between $first and $last
    )
group by wanted.ordinal, images.image_id;
