-- Positions of the labels of each class on their images: centres of bounding boxes on a grid of 20 x 20.
-- grain: document version, class, cell of the grid
-- columns: those of mart_heat_map
with centres as (
    select
        chunk_labels.document_key,
        chunk_labels.category_name,
        (chunk_labels.bbox_x + chunk_labels.bbox_w / 2) / chunk_labels.width as centre_x,
        (chunk_labels.bbox_y + chunk_labels.bbox_h / 2) / chunk_labels.height as centre_y
    from temp.main.chunk_labels as chunk_labels
),

cells as (
    select
        centres.document_key,
        centres.category_name,
        centres.centre_x between 0 and 1 and centres.centre_y between 0 and 1 as is_inside,
        if(is_inside, least(floor(centres.centre_x * 20), 19)::bigint, null) as grid_x,
        if(is_inside, least(floor(centres.centre_y * 20), 19)::bigint, null) as grid_y
    from centres
)

select cells.document_key, cells.category_name, cells.grid_x, cells.grid_y, count(*) as label_count
from cells
group by cells.document_key, cells.category_name, cells.grid_x, cells.grid_y;
