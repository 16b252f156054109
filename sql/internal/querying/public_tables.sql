-- Tables and views for people, instead of all that SHOW TABLES lists.
-- grain: table or view
-- columns: name, kind (table or view), meaning (its first sentence)
select name, kind, split_part(meaning, '. ', 1) as meaning
from definitions
where item is null
    and kind in ('table', 'view')
    and not starts_with(name, 'mart_')
    and name not in ('fence', 'label_ids')
order by name;
