-- Shapes of the labels of each class.
-- grain: document version, class, shape
-- columns: those of mart_shapes
select
    chunk_labels.document_key,
    chunk_labels.category_name,
    chunk_labels.supercategory,
    label_shape(
        chunk_labels.supercategory, chunk_labels.segmentation_kind, chunk_labels.num_keypoints, chunk_labels.rotation, chunk_labels.bbox_w
    ) as shape,
    count(*) as label_count
from temp.main.chunk_labels as chunk_labels
group by chunk_labels.document_key, chunk_labels.category_name, chunk_labels.supercategory, shape;
