-- Answers of objects and classifications of label rows, counted by modality: the 100 most frequent of each question.
-- grain: project, modality, kind, class, question, value
-- columns: project (Project of the documents), modality (Data type of the row; in a group or scene, that of the space),
--   kind (label or classification), category_name (Name of the class), name (Name of the question), value (Its first 200
--   characters), value_type, answer_count (Objects or classifications with the answer), document_count (Documents with
--   it)
select
    modality_answers.project,
    modality_answers.modality,
    modality_answers.kind,
    modality_answers.category_name,
    modality_answers.name,
    modality_answers.value,
    modality_answers.value_type,
    modality_answers.answer_count,
    modality_answers.document_count
from lake.main.modality_answers as modality_answers
qualify
    row_number() over (
        partition by
            modality_answers.project, modality_answers.modality, modality_answers.kind,
            modality_answers.category_name, modality_answers.name
        order by modality_answers.answer_count desc, modality_answers.value
    ) <= 100;
