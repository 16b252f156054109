-- A range of the ranges of documents that belong to owners of a kind, in order.
-- grain: range
-- columns: ordinal (of the document in keys, from 1), owner_position, range_start, range_end, unit, html,
--   space
-- parameters: keys (of documents in order, joined by commas), low, high (their least and greatest key), first, last
--   (positions), owner (annotation, classification or answer)
select
    wanted.ordinal,
    ranges.owner_position,
    ranges.range_start,
    ranges.range_end,
    ranges.unit,
    ranges.html,
    ranges.space
from ranges
inner join ({wanted}) as wanted
    on wanted.document_key = ranges.document_key
where
    ranges.document_key between $low and $high
    and ranges.position between $first and $last
    and ranges.owner = $owner
order by wanted.ordinal, ranges.position;
