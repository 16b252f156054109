-- Extent of polygons: the box that holds all their points.
-- parameters: polygons (list of rings, pixels)
-- returns: a struct of x1, y1, x2 and y2, pixels, which are null without points
create or replace macro polygon_bounds(polygons) as
    list_transform([flatten(polygons)], lambda points: {
        'x1': list_min(points[1:-:2]),
        'y1': list_min(points[2:-:2]),
        'x2': list_max(points[1:-:2]),
        'y2': list_max(points[2:-:2])
    })[1];
