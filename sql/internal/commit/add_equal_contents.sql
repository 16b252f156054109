-- Add the documents that a commit brings for the first time, and of which another document of the warehouse has
-- the fingerprint. Documents without images or labels are often equal.
-- grain: document
-- columns: those of known_contents
-- parameters: project
insert into temp.main.known_contents
select
    incoming.document_key,
    arg_max(documents.project, (documents.project = $project, documents.document_key)),
    arg_max(documents.document_id, (documents.project = $project, documents.document_key))
from temp.main.incoming_documents as incoming
inner join lake.main.documents as documents on hash(documents.fingerprint) = incoming.version
where
    incoming.old_key is null and incoming.is_last and not incoming.is_kept_out
    and documents.image_count > 0 and documents.annotation_count > 0
    and documents.document_key >> 32 <> incoming.document_key >> 32
    -- a document knows none that a later source of the commit brings
    and (
        documents.document_key < incoming.document_key
        or documents.document_key not in (select document_key from temp.main.incoming_documents)
    )
    and (documents.project <> $project or documents.document_id <> incoming.document_id)
group by incoming.document_key;
