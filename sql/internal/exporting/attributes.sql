-- Answers of a range of the labels of documents, label by label.
-- grain: answer
-- columns: ordinal (of the document in keys, from 1), annotation_position, name, origin, value, value_type
-- parameters: keys (of documents in order, joined by commas), low, high (their least and greatest key), first, last
--   (positions of labels)
select
    wanted.ordinal,
    attributes.annotation_position,
    attributes.name,
    attributes.origin,
    attributes.value,
    attributes.value_type
from attributes
inner join ({wanted}) as wanted
    on wanted.document_key = attributes.document_key
where
    attributes.document_key between $low and $high
    and attributes.annotation_position between $first and $last
order by wanted.ordinal, attributes.annotation_position;
