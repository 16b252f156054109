-- Which shapes the labels of each class have.
-- grain: document version, class, shape
-- columns: those of mart_shapes
select
    chunk_labels.document_key,
    chunk_labels.category_name,
    chunk_labels.supercategory,
    case
        when chunk_labels.supercategory in (
            'bounding_box', 'rotatable_bounding_box', 'polygon', 'polyline', 'bitmask', 'point', 'skeleton'
        ) then chunk_labels.supercategory
        when chunk_labels.segmentation_kind = 'rle' then 'bitmask'
        when chunk_labels.segmentation_kind = 'polygon' then 'polygon'
        when chunk_labels.num_keypoints > 0 then 'skeleton'
        when chunk_labels.rotation is not null then 'rotatable_bounding_box'
        when chunk_labels.bbox_w is not null then 'bounding_box'
        else 'none'
    end as shape,
    count(*) as label_count
from temp.main.chunk_labels as chunk_labels
group by chunk_labels.document_key, chunk_labels.category_name, chunk_labels.supercategory, shape;
