-- Add pairs of labels that belong together.
-- grain: pair of a label of each side
-- columns: number, other_number, iou
insert into temp.main.matches
from given_matches;
