-- Which share of the labels was drawn by a person, by shape?
select
    supercategory,
    count(*) as label_count,
    count(manual_annotation) as known_count,
    count(*) filter (where manual_annotation) as manual_count
from labels
group by supercategory
order by label_count desc, supercategory
limit 100;
