-- Sizes of the labels of each class: COCO's size classes, by the area that a label states, else of its box.
-- grain: document version, class, size class
-- columns: those of mart_size_classes
with sizes as (
    select
        chunk_labels.document_key,
        chunk_labels.category_name,
        size_class(chunk_labels.bbox_w, chunk_labels.bbox_h, chunk_labels.area) as size_class,
        coalesce(nullif(chunk_labels.bbox_w * chunk_labels.bbox_h, 0), chunk_labels.area) as box_area_px
    from temp.main.chunk_labels as chunk_labels
)

select
    sizes.document_key,
    sizes.category_name,
    sizes.size_class,
    count(*) as label_count,
    coalesce(sum(sizes.box_area_px) filter (where sizes.box_area_px > 0), 0) as box_area_px
from sizes
group by sizes.document_key, sizes.category_name, sizes.size_class;
