-- Store the identities that do not follow from the labels' own rows.
insert into label_ids
select document_key, position as annotation_position, label_id
from temp.main.history_identities
order by document_key, annotation_position;
