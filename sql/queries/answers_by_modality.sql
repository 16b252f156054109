-- Which answers do the classes have on each modality: images, videos, sounds, texts?
-- grain: project, modality, kind, class, question, value (its first 200 characters)
-- columns: project, modality (data type of the row; in a group or scene, that of the space), kind (label or
--   classification), category_name (name of the class), name (of the question), value, answer_count (objects or
--   classifications with the answer), document_count (documents with it), value_share (of the answers to the question
--   on the modality, 0 to 1)
-- parameters: project (project; default null: all), modality (data type, such as video; default null: all), rows (rows
--   at most, the most frequent answers first, 1 or more; default 1000)
-- needs: label rows
select
    modality_answers.project,
    modality_answers.modality,
    modality_answers.kind,
    modality_answers.category_name,
    modality_answers.name,
    modality_answers.value,
    modality_answers.answer_count,
    modality_answers.document_count,
    modality_answers.answer_count / sum(modality_answers.answer_count) over (
        partition by
            modality_answers.project, modality_answers.modality, modality_answers.kind,
            modality_answers.category_name, modality_answers.name
    ) as value_share
from modality_answers
where
    ($project is null or modality_answers.project = $project)
    and ($modality is null or modality_answers.modality = $modality)
order by
    modality_answers.answer_count desc, modality_answers.project, modality_answers.modality,
    modality_answers.kind, modality_answers.category_name, modality_answers.name, modality_answers.value
limit $rows::bigint;
