-- Area-weighted centre of one ring relative to its first point, not yet divided by the area.
-- parameters: ring (list of coordinates, pixels), axis (1 for x, 2 for y)
-- returns: cubic pixels, with the sign of ring_area
create or replace macro ring_moment(ring, axis) as
    coalesce(
        list_sum(list_transform(range(1, len(ring) // 2), lambda i:
            (
                (ring[2 * i - 1] - ring[1]) * (ring[2 * i + 2] - ring[2])
                - (ring[2 * i + 1] - ring[1]) * (ring[2 * i] - ring[2])
            ) * (ring[2 * i - 2 + axis] + ring[2 * i + axis] - 2 * ring[axis]))) / 6,
        0.0
    );
