-- Labels of each project.
-- grain: project
-- columns: project, label_count
select documents.project, sum(documents.annotation_count)::bigint as label_count
from documents
group by documents.project;
