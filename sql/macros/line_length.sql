-- Length of one line [x1, y1, x2, y2, ...], from its first to its last point.
-- parameters: line (list of coordinates, pixels)
-- returns: pixels; 0 for fewer than two points
create or replace macro line_length(line) as
    coalesce(
        list_sum(list_transform(range(1, len(line) // 2), lambda i:
            sqrt((line[2 * i + 1] - line[2 * i - 1]) ** 2 + (line[2 * i + 2] - line[2 * i]) ** 2))),
        if(line is null, null, 0.0)
    );
