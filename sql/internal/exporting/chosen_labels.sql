-- Labels of a range that a condition chooses, in order.
-- grain: label
-- columns: ordinal (of the document in keys, from 1), position
-- parameters: keys (of documents in order, joined by commas), low, high (their least and greatest key), first, last
--   (positions), labels (between braces below: the text of exporting/all_labels with its condition)
select wanted.ordinal, chosen.position
from ({labels}) as chosen
inner join ({wanted}) as wanted
    on wanted.document_key = chosen.document_key
where
    chosen.document_key between $low and $high
    and chosen.position between $first and $last
order by wanted.ordinal, chosen.position;
