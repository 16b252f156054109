-- Dense images whose labels lie too close together to be compared: more than 50 million pairs share cells.
-- grain: image
-- columns: image
create or replace temp table crowded_images as
with counted as (
    select
        image,
        size_class,
        cell,
        count(*) filter (where is_reference) as reference_count,
        count(*) filter (where not is_reference) as other_count
    from temp.main.cells as cells
    group by image, size_class, cell
)

select image
from counted
group by image
having sum(reference_count::hugeint * other_count) > 50000000;
