-- Questions that the ontology requires, and how many objects and classifications leave them open.
-- grain: class, question
-- columns: category_name, name (of the question), asked (objects or classifications), open (without an answer),
--   answered_share (0 to 1)
-- parameters: project (null for all)
select
    category_name,
    name,
    count(*) as asked,
    count(*) filter (where not is_answered) as open,
    avg(is_answered::integer) as answered_share
from required_answers
where $project is null or project = $project
group by category_name, name
order by open desc, category_name, name;
