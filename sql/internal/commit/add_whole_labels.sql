-- Record the labels that were added to documents that the project has or had, and those removed, each with its
-- whole content.
-- parameters: project, snapshot_id
insert into label_changes
with whole as (
    select
        differences.*,
        concat(
            '{',
            array_to_string(
                list_transform(
                    map_entries(labels.told),
                    lambda entry: concat(to_json(entry.key)::varchar, ':', entry.value)
                ),
                ','
            ),
            '}'
        ) as label
    from temp.main.history_chunk as differences
    inner join temp.main.compared_labels as labels
        on labels.document_key = coalesce(differences.new_key, differences.old_key)
        and labels.position = coalesce(differences.new_position, differences.old_position)
    where differences.change <> 'changed'
)

select
    documents.ingest_id,
    documents.ingest_number,
    $snapshot_id as snapshot_id,
    documents.changed_at,
    $project as project,
    documents.document_id,
    whole.image_key,
    whole.label_id,
    whole.category,
    whole.change,
    null as fields,
    if(whole.change = 'removed', whole.label, null) as before,
    if(whole.change = 'added', whole.label, null) as after
from whole
inner join temp.main.history_documents as documents
    on coalesce(documents.new_key, documents.old_key) = whole.document
order by whole.document, whole.change, coalesce(whole.new_position, whole.old_position);
