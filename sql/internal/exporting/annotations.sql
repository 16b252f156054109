-- A range of the annotations of documents, in order, without labels of label rows that COCO cannot hold: those on
-- audio or text, and those of shapes without a box in pixels.
-- grain: annotation
-- columns: ordinal (of the document in keys, from 1), then those of annotations
-- parameters: keys (of documents in order, joined by commas), low, high (their least and greatest key), first, last
--   (positions)
select wanted.ordinal, annotations.*
from annotations
inner join ({wanted}) as wanted
    on wanted.document_key = annotations.document_key
where
    annotations.document_key between $low and $high
    and annotations.position between $first and $last
    and (
        annotations.bbox_x is not null
        or (annotations.feature_hash is null and annotations.row_extra is null and annotations.image_id is not null)
    )
order by wanted.ordinal, annotations.position;
