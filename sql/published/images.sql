-- Images and frames: a dimension. Join it to labels by document_key and image_id.
-- grain: image or frame
-- columns: document_key, position, image_id, project (Project of the document), document_id (Document
--   that the image belongs to), image_key, file_name, title, media_type, data_hash, frame, width, height,
--   night (Day, UTC, of the ingest that wrote this version of the document)
-- parameters: first_key (first document key), last_key (last one)
-- needs: the temp table new_documents
select
    images.document_key,
    images.position,
    images.image_id,
    documents.project,
    documents.document_id,
    images.image_key,
    images.file_name,
    images.title,
    images.media_type,
    images.data_hash,
    images.frame,
    images.width,
    images.height,
    documents.night
from lake.main.images as images
inner join published.main.documents as documents on documents.document_key = images.document_key
where
    images.document_key between $first_key and $last_key
    and images.document_key in (select document_key from temp.main.new_documents);
