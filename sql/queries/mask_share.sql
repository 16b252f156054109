-- What share of each class's labels are masks, polygons, or neither?
-- grain: project, class
-- columns: project, category_name (name of the class; null for labels without one), label_count (labels),
--   mask_count (labels with an RLE mask), polygon_count (labels with polygons), neither_count (labels without
--   a segmentation), mask_share (masks over labels, 0 to 1)
-- parameters: project (project; default null: all)
select
    labels.project,
    labels.category_name,
    count(*) as label_count,
    count(*) filter (where labels.segmentation_kind = 'rle') as mask_count,
    count(*) filter (where labels.segmentation_kind = 'polygon') as polygon_count,
    count(*) filter (where labels.segmentation_kind = 'none') as neither_count,
    count(*) filter (where labels.segmentation_kind = 'rle') / count(*) as mask_share
from labels
where $project is null or labels.project = $project
group by labels.project, labels.category_name
order by mask_share desc, labels.project, labels.category_name;
