-- Intersection over union of two boxes that are turned about their centres.
-- parameters: x1 (left edge of the one box before it is turned, pixels), y1 (its top edge, pixels), w1 (its
--   width, pixels), h1 (its height, pixels), r1 (its rotation, degrees; null counts as 0), x2 (left edge of
--   the other box, pixels), y2 (its top edge, pixels), w2 (its width, pixels), h2 (its height, pixels),
--   r2 (its rotation, degrees; null counts as 0)
-- returns: a share between 0 and 1; null for two boxes without area
create or replace macro rotated_bbox_iou(x1, y1, w1, h1, r1, x2, y2, w2, h2, r2) as
    list_transform([list_transform(
        rotated_box_corners(x1, y1, w1, h1, r1), lambda c: {
            'x': (c.x - x2 - w2 / 2) * cos(radians(coalesce(r2, 0)))
                + (c.y - y2 - h2 / 2) * sin(radians(coalesce(r2, 0))),
            'y': (c.y - y2 - h2 / 2) * cos(radians(coalesce(r2, 0)))
                - (c.x - x2 - w2 / 2) * sin(radians(coalesce(r2, 0)))
        })], lambda points: list_transform([ring_area(flatten(list_transform(
            clipped_and_turned(clipped_and_turned(clipped_and_turned(clipped_and_turned(
                points, w2 / 2), h2 / 2), w2 / 2), h2 / 2),
            lambda c: [c.x, c.y])))], lambda shared:
                least(abs(shared) / nullif(w1 * h1 + w2 * h2 - abs(shared), 0), 1.0))[1])[1];
