-- Which values do attributes have, and how often?
select name, value, count(*) as answer_count
from attributes
group by name, value
order by answer_count desc, name, value
limit 100;
