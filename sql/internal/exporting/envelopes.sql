-- Content of documents besides their records.
-- grain: document
-- columns: document_key, extra, sections
-- parameters: keys (of documents in order, joined by commas), low, high (their least and greatest key)
select documents.document_key, documents.extra, documents.sections
from documents
inner join ({wanted}) as wanted
    on wanted.document_key = documents.document_key
where documents.document_key between $low and $high
order by wanted.ordinal;
