-- Images of a chunk's document versions.
-- grain: image
-- columns: document_key, position, image_id, width and height (pixels, null unless positive),
--   is_first (false if an earlier image of the document has the image_id: labels belong to that one)
-- parameters: snapshot, chunk, first_key, last_key
create or replace temp table chunk_images as
select
    images.document_key,
    images.position,
    images.image_id,
    if(images.width > 0 and images.height > 0, images.width, null) as width,
    if(images.width > 0 and images.height > 0, images.height, null) as height,
    row_number() over (
        partition by images.document_key, images.image_id order by images.position
    ) = 1 as is_first
from images at (version => $snapshot)
where
    images.document_key between $first_key and $last_key
    and images.document_key in (
        select new_documents.document_key
        from temp.main.new_documents as new_documents
        where new_documents.chunk = $chunk
    );
