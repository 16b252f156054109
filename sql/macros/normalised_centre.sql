-- Centre of a bounding box as shares of the image's width and height.
-- parameters: bbox_x, bbox_y, bbox_w, bbox_h, width (of the image, pixels), height (of the image, pixels)
-- returns: a struct of x and y, from 0 to 1 inside the image; null for an image without size
create or replace macro normalised_centre(bbox_x, bbox_y, bbox_w, bbox_h, width, height) as
    if(width > 0 and height > 0 and bbox_x + bbox_y + bbox_w + bbox_h is not null, {
        'x': (bbox_x + bbox_w / 2) / width,
        'y': (bbox_y + bbox_h / 2) / height
    }, null);
