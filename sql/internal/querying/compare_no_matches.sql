-- The pairs of labels that belong together; filled by the program.
-- grain: pair of a label of each side
-- columns: number, other_number, iou
create or replace temp table matches (number bigint, other_number bigint, iou double);
