-- How is each attribute of a class answered?
-- grain: project, attribute, value
-- columns: project, name (of the attribute), origin, value (as text; null where it is left open), answer_count
--   (labels with it), answer_share (share of the labels that have the attribute, 0 to 1)
-- parameters: category (name of the class), project (project; default null: all),
--   attribute (name of an attribute; default null: all)
with counted as (
    select
        attribute_answers.project,
        attribute_answers.name,
        attribute_answers.origin,
        attribute_answers.value,
        count(*) as answer_count
    from attribute_answers
    where
        attribute_answers.category_name = $category
        and ($project is null or attribute_answers.project = $project)
        and ($attribute is null or attribute_answers.name = $attribute)
    group by
        attribute_answers.project, attribute_answers.name, attribute_answers.origin, attribute_answers.value
)

select
    counted.project,
    counted.name,
    counted.origin,
    counted.value,
    counted.answer_count,
    counted.answer_count
    / sum(counted.answer_count) over (partition by counted.project, counted.name, counted.origin) as answer_share
from counted
order by counted.project, counted.name, counted.origin, counted.answer_count desc, counted.value;
