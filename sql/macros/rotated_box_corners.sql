-- Corners of a box that is turned about its centre, clockwise on the screen, the top left one first.
-- parameters: bbox_x, bbox_y, bbox_w, bbox_h, rotation (degrees, clockwise on the screen; null counts as 0)
-- returns: a list of four structs of x and y, pixels
create or replace macro rotated_box_corners(bbox_x, bbox_y, bbox_w, bbox_h, rotation) as
    list_transform([[-1, -1], [1, -1], [1, 1], [-1, 1]], lambda side: {
        'x': bbox_x + bbox_w / 2
            + side[1] * bbox_w / 2 * cos(radians(coalesce(rotation, 0)))
            - side[2] * bbox_h / 2 * sin(radians(coalesce(rotation, 0))),
        'y': bbox_y + bbox_h / 2
            + side[1] * bbox_w / 2 * sin(radians(coalesce(rotation, 0)))
            + side[2] * bbox_h / 2 * cos(radians(coalesce(rotation, 0)))
    });
