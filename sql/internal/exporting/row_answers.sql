-- A range of the answers of documents, in order.
-- grain: answer
-- columns: ordinal (of the document in keys, from 1), position, owner, owner_hash, entry, name, value,
--   value_type, feature_hash, option_hash, option_value, manual_annotation, dynamic, choices, extra
-- parameters: keys (of documents in order, joined by commas), low, high (their least and greatest key), first, last
--   (positions)
select
    wanted.ordinal,
    answers.position,
    answers.owner,
    answers.owner_hash,
    answers.entry,
    answers.name,
    answers.value,
    answers.value_type,
    answers.feature_hash,
    answers.option_hash,
    answers.option_value,
    answers.manual_annotation,
    answers.dynamic,
    answers.choices,
    answers.extra
from answers
inner join ({wanted}) as wanted
    on wanted.document_key = answers.document_key
where
    answers.document_key between $low and $high
    and answers.position between $first and $last
order by wanted.ordinal, answers.position;
