-- What share of each class's labels are masks, polygons, or neither?
-- grain: project, class
-- columns: project, category_name (name of the class; null for labels without one), label_count (labels),
--   mask_count (labels with an RLE mask), polygon_count (labels with polygons), neither_count (labels without
--   a segmentation), mask_share (masks over labels, 0 to 1)
-- parameters: project (project; default null: all)
select
    counted_labels.project,
    counted_labels.category_name,
    count(*) as label_count,
    count(*) filter (where counted_labels.segmentation_kind = 'rle') as mask_count,
    count(*) filter (where counted_labels.segmentation_kind = 'polygon') as polygon_count,
    count(*) filter (where counted_labels.segmentation_kind = 'none') as neither_count,
    count(*) filter (where counted_labels.segmentation_kind = 'rle') / count(*) as mask_share
from counted_labels
where $project is null or counted_labels.project = $project
group by counted_labels.project, counted_labels.category_name
order by mask_share desc, counted_labels.project, counted_labels.category_name;
