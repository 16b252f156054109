-- Store the keypoints of predictions.
-- grain: keypoint of a prediction
-- columns: those of prediction_keypoints
insert into prediction_keypoints
select document_key, annotation_position, keypoint_index, x, y, visibility
from temp.main.staged_keypoints as staged_keypoints;
