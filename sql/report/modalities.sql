-- What label rows hold of each modality.
-- grain: modality
-- columns: modality (data type of the row; in a group or scene, that of the space), labels, classifications, classes
--   (different names), documents
-- parameters: project (null for all)
select
    modality,
    count(*) filter (where kind = 'label') as labels,
    count(*) filter (where kind = 'classification') as classifications,
    count(distinct (kind, category_name)) as classes,
    count(distinct document_key) as documents
from label_work
where $project is null or project = $project
group by modality
order by labels + classifications desc, modality;
