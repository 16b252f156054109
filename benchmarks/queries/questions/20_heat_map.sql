-- Where on their images do labels lie: ten by ten fields?
select
    least(9, floor(10 * (bbox_x + bbox_w / 2) / width))::integer as x_field,
    least(9, floor(10 * (bbox_y + bbox_h / 2) / height))::integer as y_field,
    count(*) as label_count
from labels
where
    width > 0
    and height > 0
    and bbox_x + bbox_w / 2 between 0 and width
    and bbox_y + bbox_h / 2 between 0 and height
group by all
order by x_field, y_field;
