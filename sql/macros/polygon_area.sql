-- Area of polygons: the sum of the areas of their rings, in either direction. COCO has no holes.
-- parameters: polygons (list of rings, pixels)
-- returns: square pixels; 0 for no ring, null for null
create or replace macro polygon_area(polygons) as
    coalesce(
        list_sum(list_transform(polygons, lambda ring: abs(ring_area(ring)))),
        if(polygons is null, null, 0.0)
    );
