-- Masks of one side that have no box.
-- grain: label or prediction
-- columns: number, rle_counts, rle_height
-- identifiers: table (the side)
select number, rle_counts, rle_height
from {table}
where w is null and rle_counts is not null;
