-- Frames of a range of the images of documents, in order.
-- grain: image
-- columns: ordinal (of the document in keys, from 1), position, frame, row_extra
-- parameters: keys (of documents in order, joined by commas), low, high (their least and greatest key), first, last
--   (positions)
select
    wanted.ordinal,
    images.position,
    images.frame,
    images.row_extra
from images
inner join ({wanted}) as wanted
    on wanted.document_key = images.document_key
where
    images.document_key between $low and $high
    and images.position between $first and $last
order by wanted.ordinal, images.position;
