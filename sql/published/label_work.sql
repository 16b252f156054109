-- Labels and classifications of label rows, with who made and edited them, when, and what came after a review. People
-- stand as the warehouse stores them: as they came, as tokens, or not at all.
-- grain: label or classification of a label row
-- columns: document_key, kind (label or classification), position (In labels, or among the document's
--   classifications), project (Project of the document), document_id (Document of the label), document_title (Title of
--   the document), image_key (Image of the label; null for a classification or an object without an image), label_id
--   (Identity of the label within its image, or the hash of the classification), object_hash (Hash of the object, or of
--   the classification), category_name (Name of the class), modality (Data type of the row; in a group or scene, that of
--   the space), created_at (When it was created, UTC), created_by (Who created it, as stored; null for unknown),
--   created_day (Day of the creation, UTC), last_edited_at (When it was last edited, UTC), last_edited_by (Who edited it
--   last, as stored; null for unknown), edited_day (Day of the last edit, if that is later than the creation, UTC),
--   is_edited (The last edit is later than the creation), hours_to_edit (Hours from the creation to the last edit; null
--   if it is not edited), drawn_by (manual, automated, or unknown where the row does not say), confidence (confidence as
--   exported, 0 to 1), reviewed_at (When its first review is known to have begun, UTC; null if none is known), rework
--   (edited or added after that; null if neither)
-- parameters: first_key (first document key), last_key (last one)
-- needs: the temp table new_documents
select
    label_work.document_key,
    label_work.kind,
    label_work.position,
    label_work.project,
    label_work.document_id,
    label_work.document_title,
    label_work.image_key,
    label_work.label_id,
    label_work.object_hash,
    label_work.category_name,
    label_work.modality,
    label_work.created_at::timestamp as created_at,
    label_work.created_by,
    label_work.created_at::date as created_day,
    label_work.last_edited_at::timestamp as last_edited_at,
    label_work.last_edited_by,
    if(label_work.is_edited, label_work.last_edited_at::date, null) as edited_day,
    label_work.is_edited,
    label_work.hours_to_edit,
    case label_work.manual_annotation when true then 'manual' when false then 'automated' else 'unknown' end
        as drawn_by,
    label_work.confidence,
    label_work.reviewed_at::timestamp as reviewed_at,
    label_work.rework
from lake.main.label_work as label_work
where
    label_work.document_key between $first_key and $last_key
    and label_work.document_key in (select document_key from temp.main.new_documents);
