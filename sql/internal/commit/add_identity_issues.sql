-- Issues of identities: labels of one object on one image, and labels whose own identity another label has.
-- grain: label with such an issue
insert into issues
with repeated as (
    select document_key, name_key
    from temp.main.compared_versions
    where not is_old and has_uuid
    group by document_key, name_key
    having count(*) > 1
),

duplicate_labels as (
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
    duplicate_labels.document_key,
    documents.member,
    'annotations' as section,
    duplicate_labels.position,
    concat(staged_pointers.pointer, '/annotations/', duplicate_labels.position) as pointer,
    'DUPLICATE_LABEL' as code,
    'another label of the image has the same identity: a suffix tells them apart' as message
from duplicate_labels
inner join documents on documents.document_key = duplicate_labels.document_key
left join temp.main.staged_pointers as staged_pointers
    on staged_pointers.document_key = duplicate_labels.document_key
order by duplicate_labels.document_key, duplicate_labels.position;
