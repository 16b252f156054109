-- What label rows say of a range of the labels of documents, in order.
-- grain: annotation
-- columns: ordinal (of the document in keys, from 1), position, image_id, category_id, encord_track_uuid,
--   feature_hash, created_at, created_by, last_edited_at, last_edited_by, confidence, manual_annotation,
--   object_number, geometry, row_extra
-- parameters: keys (of documents in order, joined by commas), low, high (their least and greatest key), first, last
--   (positions)
select
    wanted.ordinal,
    annotations.position,
    annotations.image_id,
    annotations.category_id,
    annotations.encord_track_uuid,
    annotations.feature_hash,
    annotations.created_at,
    annotations.created_by,
    annotations.last_edited_at,
    annotations.last_edited_by,
    annotations.confidence,
    annotations.manual_annotation,
    annotations.object_number,
    annotations.geometry,
    annotations.row_extra
from annotations
inner join ({wanted}) as wanted
    on wanted.document_key = annotations.document_key
where
    annotations.document_key between $low and $high
    and annotations.position between $first and $last
order by wanted.ordinal, annotations.position;
