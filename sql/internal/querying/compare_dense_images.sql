-- Images with more than a million pairs of labels: only labels of like size and place are paired, by cells.
-- grain: image
-- columns: image
create or replace temp table dense_images as
select image
from temp.main.placed_labels as placed_labels
group by image
having count(*) filter (where is_reference) * count(*) filter (where not is_reference) > 1000000;
