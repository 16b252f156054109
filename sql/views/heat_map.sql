-- Positions of the labels of each class on their images: centres of bounding boxes on a grid of 20 x 20.
-- grain: project, class, cell of the grid
-- columns: project, category_name, grid_x (column of the cell, 0 (left) to 19; null where the centre lies
--   outside the image or is unknown), grid_y (row of the cell, 0 (top) to 19; null where grid_x is null),
--   label_count, label_share (share of the class's labels, 0 to 1)
create or replace view heat_map as
select
    documents.project,
    mart.category_name,
    mart.grid_x,
    mart.grid_y,
    sum(mart.label_count)::bigint as label_count,
    sum(mart.label_count) / sum(sum(mart.label_count)) over (
        partition by documents.project, mart.category_name
    ) as label_share
from mart_heat_map as mart
inner join documents on documents.document_key = mart.document_key
group by documents.project, mart.category_name, mart.grid_x, mart.grid_y;
