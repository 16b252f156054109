-- Record the labels that a commit changed: which fields, and their values before and after.
-- parameters: project, snapshot_id
insert into label_changes
-- the view is read and planned once for both sides
with contents as materialized (
    select is_old, document_key, position, told
    from temp.main.compared_labels
),

pairs as (
    select
        differences.*,
        old.told as old_told,
        new.told as new_told,
        list_concat(
            [
                'category', 'bbox', 'area', 'iscrowd', 'segmentation', 'keypoints', 'num_keypoints',
                'rotation', 'manual_annotation', 'score', 'extra',
                'created_at', 'created_by', 'last_edited_at', 'last_edited_by', 'confidence', 'feature_hash',
                'space', 'object_number', 'geometry', 'polygon_rings'
            ],
            list_sort(
                list_filter(
                    list_distinct(list_concat(map_keys(old.told), map_keys(new.told))),
                    lambda field: starts_with(field, 'attributes.')
                )
            )
        ) as all_fields
    from temp.main.history_chunk as differences
    inner join contents as old
        on old.is_old
        and old.document_key = differences.old_key
        and old.position = differences.old_position
    inner join contents as new
        on not new.is_old
        and new.document_key = differences.new_key
        and new.position = differences.new_position
    where differences.change = 'changed'
),

changed as (
    select
        pairs.*,
        list_filter(
            all_fields, lambda field: old_told[field] is distinct from new_told[field]
        ) as fields
    from pairs
)

select
    documents.ingest_id,
    documents.ingest_number,
    $snapshot_id as snapshot_id,
    documents.changed_at,
    $project as project,
    documents.document_id,
    changed.image_key,
    changed.label_id,
    changed.category,
    changed.change,
    changed.fields,
    -- missing answers are left out, other missing fields are null
    concat(
        '{',
        array_to_string(
            list_transform(
                list_filter(
                    changed.fields,
                    lambda field: changed.old_told[field] is not null or not starts_with(field, 'attributes.')
                ),
                lambda field: concat(
                    to_json(field)::varchar, ':', coalesce(changed.old_told[field], 'null')
                )
            ),
            ','
        ),
        '}'
    ) as before,
    concat(
        '{',
        array_to_string(
            list_transform(
                list_filter(
                    changed.fields,
                    lambda field: changed.new_told[field] is not null or not starts_with(field, 'attributes.')
                ),
                lambda field: concat(
                    to_json(field)::varchar, ':', coalesce(changed.new_told[field], 'null')
                )
            ),
            ','
        ),
        '}'
    ) as after
from changed
inner join temp.main.history_documents as documents on documents.new_key = changed.document
where len(changed.fields) > 0
order by changed.document, changed.new_position;
