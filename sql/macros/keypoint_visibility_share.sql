-- Share of the labelled keypoints that are visible, over the keypoints of a group: an aggregate.
-- parameters: visibility
-- returns: visible keypoints (2 or more) over labelled ones (above 0), from 0 to 1; null where none is labelled
create or replace macro keypoint_visibility_share(visibility) as
    count(*) filter (where visibility >= 2) / nullif(count(*) filter (where visibility > 0), 0);
