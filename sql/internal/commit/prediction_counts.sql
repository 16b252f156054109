-- How many predictions of staged lists there are, and how many of them have what a comparison needs.
-- grain: one row
-- columns: prediction_count, known_count (those whose image id the project has), placed_count (those whose
--   image is known), drawn_count (those with a box, a segmentation or keypoints)
select
    count(*) as prediction_count,
    count(*) filter (where is_known_id) as known_count,
    count(*) filter (where image_key is not null) as placed_count,
    count(*) filter (where has_place) as drawn_count
from temp.main.prediction_rows as prediction_rows;
