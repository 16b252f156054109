-- A range of the annotations of documents, in order.
-- grain: annotation
-- columns: ordinal (of the document in keys, from 1), then those of annotations
-- parameters: keys (documents in the order wanted), low, high (their least and greatest key), first, last
--   (positions)
select wanted.ordinal, annotations.*
from annotations
inner join (select unnest($keys) as document_key, generate_subscripts($keys, 1) as ordinal) as wanted
    on wanted.document_key = annotations.document_key
where
    annotations.document_key between $low and $high
    and annotations.position between $first and $last
order by wanted.ordinal, annotations.position;
