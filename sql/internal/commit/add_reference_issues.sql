-- Record the issues in a part of the commit.
-- grain: record with such an issue
-- parameters: first_key, last_key (document keys of the part)
insert into issues
select
    documents.ingest_id,
    reference_issues.document_key,
    documents.member,
    reference_issues.section,
    reference_issues.position,
    concat(
        staged_pointers.pointer, '/', reference_issues.section, '/', reference_issues.position, '/',
        reference_issues.key
    ) as pointer,
    reference_issues.code,
    reference_issues.message
from temp.main.reference_issues as reference_issues
inner join documents on documents.document_key = reference_issues.document_key
left join temp.main.staged_pointers as staged_pointers
    on staged_pointers.document_key = reference_issues.document_key
where documents.document_key between $first_key and $last_key
order by reference_issues.document_key, reference_issues.section, reference_issues.position;
