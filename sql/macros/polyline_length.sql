-- Length of polylines. A line that goes out and comes back the same way, as Encord writes it, counts once.
-- parameters: polygons (list of lines, pixels)
-- returns: pixels; 0 for no line, null for null
create or replace macro polyline_length(polygons) as
    coalesce(
        list_sum(list_transform(polygons, lambda line: line_length(line) / if(goes_back(line), 2, 1))),
        if(polygons is null, null, 0.0)
    );
