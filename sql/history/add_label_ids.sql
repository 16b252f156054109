-- Store the identities that labels' own rows do not tell; a document that comes again unchanged keeps its.
insert into label_ids
select document_key, position as annotation_position, label_id
from temp.main.history_identities
union all
select documents.new_key, label_ids.annotation_position, label_ids.label_id
from label_ids
inner join temp.main.history_documents as documents on documents.old_key = label_ids.document_key
where documents.is_same
order by all;
