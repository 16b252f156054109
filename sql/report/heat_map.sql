-- Positions of the labels of a class on their images, on a grid of 20 x 20.
-- grain: class, cell
-- columns: category_name, grid_x (0, left, to 19), grid_y (0, top, to 19), labels
-- parameters: project (null for all)
select
    category_name,
    grid_x,
    grid_y,
    sum(label_count)::bigint as labels
from heat_map
where ($project is null or project = $project) and grid_x is not null and grid_y is not null
group by category_name, grid_x, grid_y
order by category_name, grid_x, grid_y;
