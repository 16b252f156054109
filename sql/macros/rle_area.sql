-- Area of a mask in run lengths, as pycocotools counts it: the sum of every second run.
-- parameters: rle_counts
-- returns: pixels; null for null and for a text that is not a list of run lengths
create or replace macro rle_area(rle_counts) as
    case
        when rle_counts like '[%]' then
            coalesce(list_sum(list_transform(from_json(rle_counts, '["BIGINT"]'), lambda run, i:
                if(i % 2 = 0, run, 0))), 0)::bigint
        when regexp_full_match(rle_counts, '([P-o]*[0-O])*') then
            -- from the fourth run on an integer is the difference to the run before the last, so it counts
            -- in its own run and in every second one after it.
            coalesce(list_transform([regexp_extract_all(rle_counts, '[P-o]*[0-O]')], lambda codes:
                list_sum(list_transform(codes, lambda code, i:
                    if(i % 2 = 0, rle_integer(code) * (len(codes) // 2 - i // 2 + 1), 0))))[1], 0)::bigint
    end;
