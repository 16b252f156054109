-- Answers to one question of a class that differ only in case, spaces, _ and -, or in their type.
-- grain: answer to a question of a class of a project
-- columns: project, document_id, document_key, image_key, annotation_position, label_id (identity of the
--   label within the image), what (in words), cause, labels (with this answer), category_name (name of the
--   category), name (of the question or attribute), value (the answer that fewer labels have), value_type, other_value
--   (the answer that most labels have), other_value_type (its type)
-- severity: warning
-- explanation: One answer in two spellings, or once as the text "true" and once as the value true, splits what
--   queries and training count. Questions with more than about 100 answers, and answers of more than 200 characters,
--   are free text, which the check leaves out.
with few as (
    select attributes.name
    from attributes
    where attributes.origin <> 'relation' and attributes.value_type in ('string', 'number', 'boolean')
    group by attributes.name
    having approx_count_distinct(attributes.value) <= 100
),

named as (
    select
        categories.category_set,
        categories.category_id,
        arg_min(categories.name, categories.position) as category_name
    from categories
    group by categories.category_set, categories.category_id
),

answers as (
    select
        documents.project,
        named.category_name,
        attributes.name,
        attributes.value,
        attributes.value_type,
        count(*) as label_count
    from attributes
    inner join documents on documents.document_key = attributes.document_key
    inner join annotations
        on annotations.document_key = attributes.document_key
        and annotations.position = attributes.annotation_position
    inner join named
        on named.category_set = documents.category_set and named.category_id = annotations.category_id
    where
        attributes.origin <> 'relation'
        and attributes.value_type in ('string', 'number', 'boolean')
        and attributes.name in (select few.name from few)
        and len(attributes.value) <= 200
    group by documents.project, named.category_name, attributes.name, attributes.value, attributes.value_type
),

plain_answers as (
    select
        answers.*,
        -- signs at an end stay: -3 is not 3, and the grade a- is not a.
        lower(
            regexp_replace(trim(replace(answers.value, '_', ' '), e' \t\r\n'), '\b[\s\-]+\b', ' ', 'g')
        ) as plain
    from answers
),

ranked as (
    select
        plain_answers.*,
        first_value(plain_answers.value) over same_answer as other_value,
        first_value(plain_answers.value_type) over same_answer as other_value_type,
        first_value(plain_answers.label_count) over same_answer as other_label_count,
        row_number() over same_answer as place
    from plain_answers
    window same_answer as (
        partition by plain_answers.project, plain_answers.category_name, plain_answers.name, plain_answers.plain
        order by plain_answers.label_count desc, plain_answers.value, plain_answers.value_type
    )
)

select
    ranked.project,
    null::varchar as document_id,
    null::bigint as document_key,
    null::varchar as image_key,
    null::bigint as annotation_position,
    null::varchar as label_id,
    concat(
        ranked.name, ': "', ranked.value, '" (', ranked.value_type, ') has ',
        counted(ranked.label_count, 'label', 'labels'), ', "',
        ranked.other_value, '" (', ranked.other_value_type, ') has ', ranked.other_label_count
    ) as what,
    if(
        ranked.value_type = ranked.other_value_type,
        'answers differ in case or spaces',
        'one answer with several types'
    ) as cause,
    ranked.label_count as labels,
    ranked.category_name,
    ranked.name,
    ranked.value,
    ranked.value_type,
    ranked.other_value,
    ranked.other_value_type
from ranked
where ranked.place > 1
order by ranked.project, ranked.category_name, ranked.name, ranked.value, ranked.value_type;
