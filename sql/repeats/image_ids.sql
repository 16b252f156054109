-- Take up the ids that several images of a document have, of a part of them.
-- grain: id of a document version
-- columns: those of repeated_ids
-- parameters: parts, part (from 0)
insert into temp.main.repeated_ids
select
    'images' as section,
    images.document_key,
    images.image_id as id
from images
where
    images.document_key in (select document_key from temp.main.repeats_versions)
    and hash(images.document_key, images.image_id) % $parts::ubigint = $part::ubigint
group by images.document_key, images.image_id
having count(*) > 1;
