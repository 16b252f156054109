-- Tell of the doubts in a part of the commit.
-- grain: record with such a doubt
-- parameters: first_key, last_key (document keys of the part)
insert into issues
select
    documents.ingest_id,
    doubts.document_key,
    documents.member,
    doubts.section,
    doubts.position,
    concat(staged_pointers.pointer, '/', doubts.section, '/', doubts.position, '/', doubts.key) as pointer,
    doubts.code,
    doubts.message
from temp.main.reference_doubts as doubts
inner join documents on documents.document_key = doubts.document_key
left join temp.main.staged_pointers as staged_pointers on staged_pointers.document_key = doubts.document_key
where documents.document_key between $first_key and $last_key
order by doubts.document_key, doubts.section, doubts.position;
