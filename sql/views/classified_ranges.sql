-- Classifications of label rows with their answers, on each range of frames, pages, time or text that they are on.
-- grain: range of a classification; one row for a classification of all of the data
-- columns: project, document_id, document_title (title of the document), document_key, position (in classifications),
--   classification_hash, category_name (name of the class), answers (question: value, a text per choice), scope,
--   modality (data type of the row; in a group or scene, that of the space), space, unit (frame, page, ms, character
--   or html; null for all of the data), range_start, range_end, range_length (frames, pages, milliseconds or
--   characters in the range; null for all of the data)
create or replace view classified_ranges as
with given as (
    select
        answers.document_key,
        answers.owner_hash,
        list(concat(answers.name, ': ', answers.value) order by answers.position) as texts
    from answers
    where answers.owner = 'classification' and answers.value is not null
    group by answers.document_key, answers.owner_hash
)

select
    label_work.project,
    label_work.document_id,
    label_work.document_title,
    label_work.document_key,
    label_work.position,
    label_work.object_hash as classification_hash,
    label_work.category_name,
    coalesce(given.texts, []) as answers,
    classifications.scope,
    label_work.modality,
    ranges.space,
    ranges.unit,
    ranges.range_start,
    ranges.range_end,
    ranges.range_end - ranges.range_start + 1 as range_length
from label_work
inner join classifications
    on classifications.document_key = label_work.document_key and classifications.position = label_work.position
left join ranges
    on ranges.document_key = label_work.document_key
    and ranges.owner_position = label_work.position
    and ranges.owner = 'classification'
left join given
    on given.document_key = label_work.document_key and given.owner_hash = label_work.object_hash
where label_work.kind = 'classification';
