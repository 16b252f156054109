-- Add the ids that several annotations of a document have, for a part of the documents of a commit.
-- grain: id of a document version
-- columns: those of duplicate_ids
-- parameters: first_key, last_key, pieces, piece (from 0)
insert into temp.main.duplicate_ids
select
    'annotations' as section,
    annotations.document_key,
    annotations.annotation_id as id
from annotations
where
    annotations.document_key between $first_key and $last_key
    and annotations.document_key in (select document_key from temp.main.commit_versions)
    and annotations.annotation_id is not null
    and hash(annotations.document_key, annotations.annotation_id) % $pieces::ubigint = $piece::ubigint
group by annotations.document_key, annotations.annotation_id
having count(*) > 1;
