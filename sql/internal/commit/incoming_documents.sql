-- Documents of one commit, each beside the version that the warehouse holds.
-- grain: document of a source
-- columns: document_key, document_id, is_last (false for a document that a later source of the same commit holds
--   too), old_key (null for a new document), is_same (equal fingerprints), is_stored (false for a document of
--   which nothing was staged), is_kept_out (the project got this version before and holds a newer one), version
--   (a hash of the fingerprint)
-- parameters: project, known (numbers of ingests whose bytes the project got before), whole (those of them whose
--   documents it holds completely, under any names)
create or replace temp table incoming_documents as
select
    staged.document_key,
    staged.document_id,
    staged.document_key = max(staged.document_key) over (partition by staged.document_id) as is_last,
    documents.document_key as old_key,
    documents.fingerprint is not distinct from staged.fingerprint as is_same,
    staged.is_stored,
    list_contains($whole, staged.document_key >> 32)
    or (
        list_contains($known, staged.document_key >> 32)
        and documents.document_key is not null
        and documents.fingerprint is distinct from staged.fingerprint
    ) as is_kept_out,
    hash(staged.fingerprint) as version
from temp.main.staged_documents as staged
left join lake.main.documents as documents
    on documents.project = $project and documents.document_id = staged.document_id;
