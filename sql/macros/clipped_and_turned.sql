-- The part of a convex polygon left of a vertical line, turned by a quarter: one step of rotated_bbox_iou.
-- parameters: points (list of structs of x and y, in order), x_limit (where the line stands)
-- returns: a list of structs of x and y; each point (x, y) of the part has become (y, -x)
create or replace macro clipped_and_turned(points, x_limit) as
    list_transform([{'p': points, 'l': x_limit}], lambda v: flatten(list_transform(
        list_zip(v.p, list_concat(v.p[2:], v.p[:1])), lambda e: list_filter([
            {'x': e[1].y, 'y': -e[1].x, 'is_in': e[1].x <= v.l},
            {
                'x': e[1].y + (e[2].y - e[1].y) * (v.l - e[1].x) / nullif(e[2].x - e[1].x, 0),
                'y': -v.l,
                'is_in': (e[1].x <= v.l) <> (e[2].x <= v.l)
            }
        ], lambda c: c.is_in))))[1];
