-- A range of the classifications of documents, in order.
-- grain: classification
-- columns: ordinal (of the document in keys, from 1), position, classification_hash, feature_hash, name,
--   created_at, created_by, last_edited_at, last_edited_by, confidence, manual_annotation, extra
-- parameters: keys (of documents in order, joined by commas), low, high (their least and greatest key), first, last
--   (positions)
select
    wanted.ordinal,
    classifications.position,
    classifications.classification_hash,
    classifications.feature_hash,
    classifications.name,
    classifications.created_at,
    classifications.created_by,
    classifications.last_edited_at,
    classifications.last_edited_by,
    classifications.confidence,
    classifications.manual_annotation,
    classifications.extra
from classifications
inner join ({wanted}) as wanted
    on wanted.document_key = classifications.document_key
where
    classifications.document_key between $low and $high
    and classifications.position between $first and $last
order by wanted.ordinal, classifications.position;
