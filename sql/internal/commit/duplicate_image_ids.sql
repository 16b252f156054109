-- Add the ids that several images of a document have, for a part of the documents of a commit.
-- grain: id of a document version
-- columns: those of duplicate_ids
-- parameters: first_key, last_key, pieces, piece (from 0)
insert into temp.main.duplicate_ids
select
    'images' as section,
    images.document_key,
    images.image_id as id
from images
where
    images.document_key between $first_key and $last_key
    and images.document_key in (select document_key from temp.main.commit_versions)
    and hash(images.document_key, images.image_id) % $pieces::ubigint = $piece::ubigint
group by images.document_key, images.image_id
having count(*) > 1;
