-- How many objects and classifications answer the questions that the ontology requires?
-- grain: project, class, question
-- columns: project, kind (label or classification), category_name (name of the class), name (of the question),
--   asked_count (objects or classifications that have to answer it), open_count (without an answer), answered_share (0
--   to 1)
-- parameters: project (project; default null: all)
-- needs: label rows
select
    required_answers.project,
    required_answers.kind,
    required_answers.category_name,
    required_answers.name,
    count(*) as asked_count,
    count(*) filter (where not required_answers.is_answered) as open_count,
    avg(required_answers.is_answered::integer) as answered_share
from required_answers
where $project is null or required_answers.project = $project
group by required_answers.project, required_answers.kind, required_answers.category_name, required_answers.name
order by
    required_answers.project, open_count desc, required_answers.kind, required_answers.category_name,
    required_answers.name;
