-- How many labels of each class have an answer to each of its attributes?
-- grain: project, class, attribute
-- columns: project, category_name (name of the class), name (of the attribute), origin, label_count (labels of
--   the class), present_count (labels that have the attribute, answered or not), answered_count (labels with
--   an answer other than null), completeness (answered over labels of the class, 0 to 1)
-- parameters: project (project; default null: all), category (name of a class; default null: all)
with sized as (
    select labels.project, labels.category_name, count(*) as label_count
    from labels
    where
        ($project is null or labels.project = $project)
        and ($category is null or labels.category_name = $category)
    group by labels.project, labels.category_name
),

answered as (
    select
        attribute_answers.project,
        attribute_answers.category_name,
        attribute_answers.name,
        attribute_answers.origin,
        count(distinct (attribute_answers.document_key, attribute_answers.annotation_position)) as present_count,
        count(distinct (attribute_answers.document_key, attribute_answers.annotation_position)) filter (
            where attribute_answers.is_answered
        ) as answered_count
    from attribute_answers
    where
        ($project is null or attribute_answers.project = $project)
        and ($category is null or attribute_answers.category_name = $category)
    group by
        attribute_answers.project,
        attribute_answers.category_name,
        attribute_answers.name,
        attribute_answers.origin
)

select
    sized.project,
    sized.category_name,
    answered.name,
    answered.origin,
    sized.label_count,
    answered.present_count,
    answered.answered_count,
    answered.answered_count / sized.label_count as completeness
from sized
inner join answered
    on answered.project = sized.project and answered.category_name is not distinct from sized.category_name
order by sized.project, sized.category_name, answered.name, answered.origin;
