-- Signed area of one ring [x1, y1, x2, y2, ...] by the shoelace formula; closing it again changes nothing.
-- parameters: ring (list of coordinates, pixels)
-- returns: square pixels, positive for a ring that runs clockwise on the screen; 0 for fewer than three points
create or replace macro ring_area(ring) as
    coalesce(
        list_sum(list_transform(range(1, len(ring) // 2), lambda i:
            (ring[2 * i - 1] - ring[1]) * (ring[2 * i + 2] - ring[2])
            - (ring[2 * i + 1] - ring[1]) * (ring[2 * i] - ring[2]))) / 2,
        if(ring is null, null, 0.0)
    );
