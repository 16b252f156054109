-- Shapes of the labels of each class: they reveal a class that is drawn in two ways.
-- grain: project, class (category_name and supercategory), shape
-- columns: project, category_name, supercategory, shape (bounding_box, rotatable_bounding_box, polygon,
--   polyline, bitmask, point, skeleton or none), label_count, label_share (share of the class's labels, 0 to
--   1)
create or replace view shapes_per_class as
select
    documents.project,
    mart.category_name,
    mart.supercategory,
    mart.shape,
    sum(mart.label_count)::bigint as label_count,
    sum(mart.label_count) / sum(sum(mart.label_count)) over (
        partition by documents.project, mart.category_name, mart.supercategory
    ) as label_share
from mart_shapes as mart
inner join documents on documents.document_key = mart.document_key
group by documents.project, mart.category_name, mart.supercategory, mart.shape;
