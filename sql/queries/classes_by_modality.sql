-- How many labels and classifications does each class have on each modality?
-- grain: project, modality, kind, class
-- columns: project, modality (data type of the row; in a group or scene, that of the space), kind (label or
--   classification), category_name (name of the class), label_count (labels or classifications), object_count
--   (different objects or classifications), document_count (documents with them)
-- parameters: project (project; default null: all)
-- needs: label rows
select
    label_work.project,
    label_work.modality,
    label_work.kind,
    label_work.category_name,
    count(*) as label_count,
    count(distinct (label_work.document_key, label_work.object_hash)) as object_count,
    count(distinct label_work.document_key) as document_count
from label_work
where $project is null or label_work.project = $project
group by label_work.project, label_work.modality, label_work.kind, label_work.category_name
order by label_work.project, label_work.modality, label_count desc, label_work.kind, label_work.category_name;
