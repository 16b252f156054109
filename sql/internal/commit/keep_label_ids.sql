-- Keep the identities of the labels of documents that are stored again with equal fingerprints.
insert into label_ids
select kept.new_key as document_key, label_ids.annotation_position, label_ids.label_id
from label_ids
inner join temp.main.history_documents as kept on kept.old_key = label_ids.document_key
where kept.is_same
order by document_key, annotation_position;
