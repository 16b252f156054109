-- What is on one image, which is known by its file name?
-- variables: file_name
select category_name, bbox_x, bbox_y, bbox_w, bbox_h, polygons
from labels
where file_name = getvariable('file_name')
order by document_key, position;
