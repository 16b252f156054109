-- What kinds of data are there: images, videos, DICOM, NIfTI, PDF?
-- grain: project, media type
-- columns: project, media_type (image, video, dicom, nifti or pdf; null for documents without images, such as
--   texts), document_count (documents), image_count (images or frames), label_count (labels)
-- parameters: project (project; default null: all)
select
    documents.project,
    documents.media_type,
    count(*) as document_count,
    sum(documents.image_count)::bigint as image_count,
    sum(documents.annotation_count)::bigint as label_count
from documents
where $project is null or documents.project = $project
group by documents.project, documents.media_type
order by documents.project, document_count desc, documents.media_type;
