-- Give masks of one side the boxes around them.
-- identifiers: table (the side)
update {table}
set x = given_boxes.x, y = given_boxes.y, w = given_boxes.w, h = given_boxes.h
from given_boxes
where given_boxes.number = {table}.number;
