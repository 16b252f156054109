-- Centroid of polygons: the shoelace formula gives that of each ring, and areas are the weights.
-- parameters: polygons (list of rings, pixels)
-- returns: a struct of x and y, pixels; null for polygons without area, such as points and polylines
create or replace macro polygon_centroid(polygons) as
    if(polygon_area(polygons) > 0, {
        'x': list_sum(list_transform(polygons, lambda ring:
            abs(ring_area(ring)) * coalesce(ring[1], 0) + sign(ring_area(ring)) * ring_moment(ring, 1)))
            / polygon_area(polygons),
        'y': list_sum(list_transform(polygons, lambda ring:
            abs(ring_area(ring)) * coalesce(ring[2], 0) + sign(ring_area(ring)) * ring_moment(ring, 2)))
            / polygon_area(polygons)
    }, null);
