-- Document versions that a commit brings or replaces.
-- grain: document version
-- columns: document_key
create or replace temp view commit_versions as
select document_key from temp.main.incoming_documents where is_stored
union
select document_key from temp.main.superseded_documents;
