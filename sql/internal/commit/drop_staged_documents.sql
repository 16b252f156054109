-- Let go of what incoming_documents has now: of very many documents it takes as much memory again.
drop table temp.main.staged_documents;
