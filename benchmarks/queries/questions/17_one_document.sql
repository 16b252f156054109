-- What is on the images of one document?
-- variables: document_key
select image_id, category_name, bbox_x, bbox_y, bbox_w, bbox_h
from labels
where document_key = getvariable('document_key')
order by position
limit 1000;
