-- Sizes of the labels of each class: COCO's size classes, by the area that a label states, else of its box.
-- grain: project, class, size class
-- columns: project, category_name, size_class (small below 32 x 32 pixels, medium below 96 x 96, large; null
--   without an extent: points, labels without box and area), label_count, label_share (share of the class's labels,
--   0 to 1), mean_box_area_px (mean area of the bounding boxes; of the
--   stated areas, for labels without a box; square pixels)
create or replace view size_classes as
select
    documents.project,
    mart.category_name,
    mart.size_class,
    sum(mart.label_count)::bigint as label_count,
    sum(mart.label_count) / sum(sum(mart.label_count)) over (
        partition by documents.project, mart.category_name
    ) as label_share,
    sum(mart.box_area_px) / nullif(sum(mart.label_count) filter (where mart.size_class is not null), 0)
        as mean_box_area_px
from mart_size_classes as mart
inner join documents on documents.document_key = mart.document_key
group by documents.project, mart.category_name, mart.size_class;
