-- Record the labels that came with their documents, for a part of the new documents. Their content is in the
-- document and is not recorded again.
-- parameters: project, snapshot_id, first_key, last_key
insert into label_changes
select
    documents.ingest_id,
    documents.ingest_number,
    $snapshot_id as snapshot_id,
    documents.changed_at,
    $project as project,
    documents.document_id,
    labels.image_key,
    coalesce(identities.label_id, labels.label_id) as label_id,
    labels.category,
    'added' as change,
    null as fields,
    null as before,
    null as after
from temp.main.history_label_rows as labels
inner join temp.main.history_documents as documents on documents.new_key = labels.document_key
left join temp.main.history_identities as identities
    on identities.document_key = labels.document_key and identities.position = labels.position
where labels.is_arrival and labels.document_key between $first_key and $last_key;
