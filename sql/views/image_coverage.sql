-- How much of a project's images is labelled: images with and without labels, and area under boxes.
-- grain: project
-- columns: project, document_count (documents), image_count, labelled_image_count (images with a label),
--   unlabelled_image_count (images without), labelled_share (share of images with a label, 0 to 1), label_count,
--   box_area_share (areas of the bounding boxes over the area of the images, overlaps count once per box, so it
--   may exceed 1), covered_share (share of the images' area under at least one box, 0 to 1)
create or replace view image_coverage as
select
    documents.project,
    count(*) as document_count,
    sum(mart.image_count)::bigint as image_count,
    sum(mart.labelled_image_count)::bigint as labelled_image_count,
    sum(mart.image_count - mart.labelled_image_count)::bigint as unlabelled_image_count,
    sum(mart.labelled_image_count) / nullif(sum(mart.image_count), 0) as labelled_share,
    sum(mart.label_count)::bigint as label_count,
    sum(mart.box_area_px) / nullif(sum(mart.image_area_px), 0) as box_area_share,
    sum(mart.covered_area_px) / nullif(sum(mart.image_area_px), 0) as covered_share
from mart_image_coverage as mart
inner join documents on documents.document_key = mart.document_key
group by documents.project;
