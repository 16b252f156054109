-- Objects and classifications of label rows that leave a question open which their ontology requires.
-- grain: required question of an object, or of a classification
-- columns: project, document_id, document_key, image_key, annotation_position, label_id (identity of the label
--   within the image; the hash of a classification), what (in words), category_name (name of the class), name (of
--   the question), severity (warning, or info while the row is being labelled), labels (labels of the object, one per
--   frame that it is on)
-- severity: warning
-- explanation: The flag required of the ontology decides. A row counts as being labelled until its status is LABELLED,
--   or its stage or status says that it reached its review. An answer that may change is open if no frame has it.
select
    required_answers.project,
    required_answers.document_id,
    required_answers.document_key,
    labels.image_key,
    if(required_answers.kind = 'label', required_answers.position, null) as annotation_position,
    coalesce(labels.label_id, required_answers.object_hash) as label_id,
    concat('no answer to ', required_answers.name) as what,
    required_answers.category_name,
    required_answers.name,
    if(
        label_rows.label_status = 'LABELLED'
        or reached_review(label_rows.workflow_stage, label_rows.label_status, label_rows.task_status),
        'warning',
        'info'
    ) as severity,
    required_answers.label_count as labels
from required_answers
inner join label_rows on label_rows.document_key = required_answers.document_key
left join labels
    on labels.document_key = required_answers.document_key
    and labels.position = required_answers.position
    and required_answers.kind = 'label'
where not required_answers.is_answered
order by required_answers.document_key, required_answers.kind, required_answers.position, required_answers.name;
