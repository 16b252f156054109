-- Count a snapshot's new document versions among those that the marts hold.
insert into temp.main.known_documents
select new_documents.document_key
from temp.main.new_documents as new_documents;
