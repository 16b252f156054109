-- Leave out the sources of a commit that change nothing.
-- parameters: changing (numbers of the other ingests)
update temp.main.incoming_documents
set is_stored = false
where not list_contains($changing, document_key >> 32);
