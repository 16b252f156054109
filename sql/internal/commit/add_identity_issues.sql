-- Doubts about identities: labels of one object on one image, and labels whose own identity another has.
-- grain: label with such a doubt
insert into issues
with repeated as (
    select document_key, name_key
    from temp.main.compared_versions
    where not is_old and has_uuid
    group by document_key, name_key
    having count(*) > 1
),

found as (
    select labels.document_key, labels.position
    from temp.main.compared_versions as labels
    inner join repeated
        on repeated.document_key = labels.document_key and repeated.name_key = labels.name_key
    where not labels.is_old
    qualify row_number() over (partition by labels.document_key, labels.name_key order by labels.position) > 1

    union

    select document_key, position
    from temp.main.history_identities
    where is_new
)

select
    documents.ingest_id,
    found.document_key,
    documents.member,
    'annotations' as section,
    found.position,
    concat(staged_pointers.pointer, '/annotations/', found.position) as pointer,
    'DUPLICATE_LABEL' as code,
    'another label of the image has the same identity: a suffix tells them apart' as message
from found
inner join documents on documents.document_key = found.document_key
left join temp.main.staged_pointers as staged_pointers on staged_pointers.document_key = found.document_key
order by found.document_key, found.position;
