-- Intersection over union of two bounding boxes that are not rotated, as in COCO.
-- parameters: x1 (left edge of the one box, pixels), y1 (its top edge, pixels), w1 (its width, pixels), h1
--   (its height, pixels), x2 (left edge of the other box, pixels), y2 (its top edge, pixels), w2 (its width,
--   pixels), h2 (its height, pixels)
-- returns: a share between 0 and 1; null for two boxes without area, and if a number is null
create or replace macro bbox_iou(x1, y1, w1, h1, x2, y2, w2, h2) as
    if(
        -- greatest and least skip nulls.
        x1 + y1 + w1 + h1 + x2 + y2 + w2 + h2 is null,
        null,
        greatest(least(x1 + w1, x2 + w2) - greatest(x1, x2), 0)
        * greatest(least(y1 + h1, y2 + h2) - greatest(y1, y2), 0)
        / nullif(
            w1 * h1 + w2 * h2
            - greatest(least(x1 + w1, x2 + w2) - greatest(x1, x2), 0)
            * greatest(least(y1 + h1, y2 + h2) - greatest(y1, y2), 0),
            0
        )
    );
