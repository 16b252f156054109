-- Remember the documents of the commit for the later sources of the same call.
insert into temp.main.call_documents
select hash(document_id), version, document_key >> 32
from temp.main.incoming_documents
where not is_kept_out;
