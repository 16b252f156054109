-- Store the identities that labels' own rows do not tell.
insert into label_ids
select document_key, position as annotation_position, label_id
from temp.main.history_identities
order by document_key, annotation_position;
