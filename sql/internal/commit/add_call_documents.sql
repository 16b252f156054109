-- Remember the documents of the commit for the sources of the call that come after it.
insert into temp.main.call_documents
select hash(document_id), version, document_key >> 32
from temp.main.incoming_documents
where is_last and not is_kept_out;
