-- Which class of the one side is which class of the other. A class without a counterpart is missed or extra.
-- grain: class of the reference side, class of the other side
-- columns: category (null for extra labels), other_category (null for missed labels), labels, mean_iou
select category, other_category, count(*) as labels, avg(iou) as mean_iou
from temp.main.compared_labels as compared_labels
group by category, other_category
order by labels desc, category nulls last, other_category nulls last;
