-- Take up the ids that several annotations of a document have, of a part of them.
-- grain: id of a document version
-- columns: those of repeated_ids
-- parameters: parts, part (from 0)
insert into temp.main.repeated_ids
select
    'annotations' as section,
    annotations.document_key,
    annotations.annotation_id as id
from annotations
where
    annotations.document_key in (select document_key from temp.main.repeats_versions)
    and annotations.annotation_id is not null
    and hash(annotations.document_key, annotations.annotation_id) % $parts::ubigint = $part::ubigint
group by annotations.document_key, annotations.annotation_id
having count(*) > 1;
