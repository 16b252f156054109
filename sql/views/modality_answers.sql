-- Answers of objects and classifications of label rows, counted by modality.
-- grain: project, modality, kind, class, question, value (its first 200 characters)
-- columns: project, modality (data type of the row; in a group or scene, that of the space), kind (label or
--   classification), category_name (name of the class), name (of the question), value (its first 200 characters),
--   value_type, answer_count (objects or classifications with the answer, on whatever number of frames),
--   document_count (documents with it)
create or replace view modality_answers as
with owners as (
    select
        label_work.project,
        label_work.document_key,
        label_work.kind,
        label_work.object_hash,
        min(label_work.category_name) as category_name,
        min(label_work.modality) as modality
    from label_work
    group by label_work.project, label_work.document_key, label_work.kind, label_work.object_hash
),

given as (
    select distinct
        answers.document_key,
        answers.owner_hash,
        if(answers.owner = 'classification', 'classification', 'label') as kind,
        answers.name,
        left(answers.value, 200) as value,
        answers.value_type
    from answers
    where answers.value is not null
)

select
    owners.project,
    owners.modality,
    owners.kind,
    owners.category_name,
    given.name,
    given.value,
    given.value_type,
    count(*) as answer_count,
    count(distinct owners.document_key) as document_count
from given
inner join owners
    on owners.document_key = given.document_key
    and owners.object_hash = given.owner_hash
    and owners.kind = given.kind
group by
    owners.project, owners.modality, owners.kind, owners.category_name, given.name, given.value, given.value_type;
