-- Keypoints of a range of the labels of documents, in order.
-- grain: keypoint
-- columns: ordinal (of the document in keys, from 1), annotation_position, x, y, visibility
-- parameters: keys (of documents in order, joined by commas), low, high (their least and greatest key), first, last
--   (positions of labels)
select
    wanted.ordinal,
    keypoints.annotation_position,
    keypoints.x,
    keypoints.y,
    keypoints.visibility
from keypoints
inner join ({wanted}) as wanted
    on wanted.document_key = keypoints.document_key
where
    keypoints.document_key between $low and $high
    and keypoints.annotation_position between $first and $last
order by wanted.ordinal, keypoints.annotation_position, keypoints.keypoint_index;
