-- How many labels has each class, and how many did a person draw?
-- grain: class
-- columns: category_name, shape (Encord's supercategory), labels, drawn_by_hand, objects (distinct tracks)
select
    category_name,
    supercategory as shape,
    count(*) as labels,
    count(*) filter (where manual_annotation) as drawn_by_hand,
    count(distinct encord_track_uuid) as objects
from labels
group by category_name, supercategory
order by labels desc, category_name;
