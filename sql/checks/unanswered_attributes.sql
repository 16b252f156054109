-- Labels that leave a question open which nearly all others of their class answer.
-- grain: question of a label
-- columns: project, document_id, document_key, image_key, annotation_position, label_id (identity of the
--   label within the image), what (in words), category_name (name of the category), name (of the question),
--   answered_share (labels of the class with an answer, from 0 to 1)
-- severity: warning
-- explanation: COCO does not say which answers are required. The check takes a question for required if at
--   least 80 % of the class's labels that have it answer it. Write a check of your own for a question that you
--   require. Label rows with an ontology are left to the check open_required_answers, which guesses nothing.
with known as (
    select label_rows.document_key
    from label_rows
    where label_rows.ontology is not null
),

named as (
    select
        categories.category_set,
        categories.category_id,
        arg_min(categories.name, categories.position) as category_name
    from categories
    group by categories.category_set, categories.category_id
),

asked as (
    select
        documents.project,
        named.category_name,
        attributes.name,
        count(*) as asked_count,
        count(*) filter (where attributes.value_type <> 'null') as answered_count
    from attributes
    inner join documents on documents.document_key = attributes.document_key
    inner join annotations
        on annotations.document_key = attributes.document_key
        and annotations.position = attributes.annotation_position
    inner join named
        on named.category_set = documents.category_set and named.category_id = annotations.category_id
    where
        attributes.origin = 'classification'
        and attributes.document_key not in (select known.document_key from known)
    group by documents.project, named.category_name, attributes.name
),

required as (
    select asked.project, asked.category_name, asked.name, asked.answered_count / asked.asked_count as answered_share
    from asked
    where asked.answered_count < asked.asked_count and asked.answered_count >= 0.8 * asked.asked_count
),

open_questions as (
    select attributes.document_key, attributes.annotation_position, attributes.name
    from attributes
    where
        attributes.origin = 'classification'
        and attributes.value_type = 'null'
        and attributes.document_key not in (select known.document_key from known)
        and attributes.name in (select required.name from required)
)

select
    labels.project,
    labels.document_id,
    labels.document_key,
    labels.image_key,
    labels.position as annotation_position,
    labels.label_id,
    concat('no answer to ', required.name) as what,
    labels.category_name,
    required.name,
    required.answered_share
from open_questions
inner join labels
    on labels.document_key = open_questions.document_key
    and labels.position = open_questions.annotation_position
inner join required
    on required.project = labels.project
    and required.category_name = labels.category_name
    and required.name = open_questions.name
order by labels.document_key, labels.position, required.name;
