-- Whether a ring goes out and comes back the same way, as Encord writes a polyline.
-- parameters: ring (list of coordinates, pixels)
-- returns: true or false
create or replace macro goes_back(ring) as
    len(ring) >= 4 and len(ring) % 2 = 0 and ring = list_transform(range(1, len(ring) + 1), lambda i:
        ring[len(ring) - i + if(i % 2 = 1, 0, 2)]);
