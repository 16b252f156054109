-- Label rows of documents, without their parts.
-- grain: document
-- columns: ordinal (of the document in keys, from 1), then those of label_rows
-- parameters: keys (of documents in order, joined by commas), low, high (their least and greatest key)
select wanted.ordinal, label_rows.*
from label_rows
inner join ({wanted}) as wanted
    on wanted.document_key = label_rows.document_key
where
    label_rows.document_key between $low and $high
order by wanted.ordinal;
