-- Histogram of the labels per image; images without labels are included.
-- grain: project, number of labels on an image
-- columns: project, label_count (labels on one image, from 0), image_count, image_share (share of the
--   project's images, 0 to 1)
create or replace view labels_per_image as
select
    documents.project,
    mart.label_count,
    sum(mart.image_count)::bigint as image_count,
    sum(mart.image_count) / sum(sum(mart.image_count)) over (partition by documents.project) as image_share
from mart_labels_per_image as mart
inner join documents on documents.document_key = mart.document_key
group by documents.project, mart.label_count;
