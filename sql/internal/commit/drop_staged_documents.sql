-- Drop what incoming_documents now holds: very many documents would take the memory twice.
drop table temp.main.staged_documents;
