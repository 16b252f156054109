-- How well the two sides agree, in all or by some columns. Labels count as right if they are agreed or loose.
-- A pair of different classes counts as missed in the one class and as extra in the other.
-- grain: value of the columns
-- columns: those that are named, agreed, loose, other_class, missed, extra (labels), precision, recall and f1 (0
--   to 1), mean_iou (of the labels that are right)
-- identifiers: table (rows of outcomes), by (columns, each with a comma behind it), order
select
    {by}
    count(*) filter (where outcome = 'agreed') as agreed,
    count(*) filter (where outcome = 'loose') as loose,
    count(*) filter (where outcome = 'other class') as other_class,
    count(*) filter (where outcome = 'missed') as missed,
    count(*) filter (where outcome = 'extra') as extra,
    count(*) filter (where outcome in ('agreed', 'loose'))
    / nullif(count(*) filter (where outcome <> 'missed' and is_of_other), 0) as precision,
    count(*) filter (where outcome in ('agreed', 'loose'))
    / nullif(count(*) filter (where outcome <> 'extra' and is_of_reference), 0) as recall,
    2 * count(*) filter (where outcome in ('agreed', 'loose'))
    / nullif(
        count(*) filter (where outcome <> 'missed' and is_of_other)
        + count(*) filter (where outcome <> 'extra' and is_of_reference),
        0
    ) as f1,
    avg(iou) filter (where outcome in ('agreed', 'loose')) as mean_iou
from {table}
group by all
order by {order};
