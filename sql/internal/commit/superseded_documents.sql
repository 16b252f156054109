-- Document versions that a commit removes: those replaced, those that a later source of the commit holds too,
-- those kept out, those that are gone where they came from, and in a full load those that its sources lack.
-- grain: document version
-- columns: document_key, is_absent (removed because the sources lack it)
-- parameters: project, full, gone
create or replace temp table superseded_documents as
select old_key as document_key, false as is_absent
from temp.main.incoming_documents
where old_key is not null and is_last and is_stored and not is_kept_out
union
select document_key, false
from temp.main.incoming_documents
where is_stored and (not is_last or is_kept_out)
union all
select documents.document_key, true
from lake.main.documents as documents
where
    ($full or documents.document_id in (select unnest($gone::varchar[])))
    and documents.project = $project
    and documents.document_id not in (select document_id from temp.main.incoming_documents);
