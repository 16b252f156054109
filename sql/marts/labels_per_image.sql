-- Histogram of the labels per image; images without labels are included.
-- grain: document version, number of labels on an image
-- columns: those of mart_labels_per_image
with counts as (
    select chunk_labels.document_key, chunk_labels.image_position, count(*) as label_count
    from temp.main.chunk_labels as chunk_labels
    where chunk_labels.image_position is not null
    group by chunk_labels.document_key, chunk_labels.image_position
)

select
    chunk_images.document_key,
    coalesce(counts.label_count, 0) as label_count,
    count(*) as image_count
from temp.main.chunk_images as chunk_images
left join counts
    on counts.document_key = chunk_images.document_key and counts.image_position = chunk_images.position
group by chunk_images.document_key, coalesce(counts.label_count, 0);
