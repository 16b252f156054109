-- Differences between two snapshots, label by label, without what was undone in between. A label that was added
-- and removed again is not a difference, nor is a field that was changed and changed back.
-- grain: label that differs
-- columns: project, document_id, image_key, label_id, category, change (added, removed or changed), fields,
--   before, after (as in label_changes), ingest_id, changed_at (UTC) of the last of its changes
-- parameters: project (null for all), since_snapshot (which is not part of it), until_snapshot
create or replace temp table net_changes as
with told as (
    select *
    from label_changes
    where
        snapshot_id > $since_snapshot and snapshot_id <= $until_snapshot
        and ($project is null or project = $project)
),

-- the only row of a label is the difference
labels as (
    select
        project,
        document_id,
        image_key,
        label_id,
        count(*) as steps,
        arg_min(change, snapshot_id) <> 'added' as was_there,
        arg_max(change, snapshot_id) <> 'removed' as is_there,
        arg_max(after is null, snapshot_id) filter (where change = 'added') as is_untold,
        arg_max(category, snapshot_id) as category,
        arg_max(ingest_id, snapshot_id) as ingest_id,
        max(changed_at) as changed_at,
        arg_max_null(fields, snapshot_id) as fields,
        arg_max_null(before, snapshot_id) as before,
        arg_max_null(after, snapshot_id) as after
    from told
    group by project, document_id, image_key, label_id
),

rewritten as (
    select *, row_number() over () as label_number
    from labels
    where steps > 1 and (was_there or is_there)
),

steps as (
    select
        rewritten.label_number,
        told.snapshot_id,
        told.before,
        told.after,
        unnest(
            coalesce(
                told.fields, list_distinct(list_concat(json_keys(told.before), json_keys(told.after)))
            )
        ) as field
    from rewritten
    inner join told
        on told.project = rewritten.project
        and told.document_id = rewritten.document_id
        and told.image_key is not distinct from rewritten.image_key
        and told.label_id = rewritten.label_id
),

-- null is an answer; for any other field it means that there is none.
values_of_steps as (
    select
        label_number,
        snapshot_id,
        field,
        nullif((before -> field)::varchar, if(starts_with(field, 'attributes.'), '', 'null')) as before,
        nullif((after -> field)::varchar, if(starts_with(field, 'attributes.'), '', 'null')) as after
    from steps
),

net_fields as (
    select
        label_number,
        field,
        arg_min_null(before, snapshot_id) as before,
        arg_max_null(after, snapshot_id) as after
    from values_of_steps
    group by label_number, field
),

own_order as (
    select
        unnest(
            [
                'category', 'bbox', 'area', 'iscrowd', 'segmentation', 'keypoints', 'num_keypoints',
                'rotation', 'manual_annotation', 'score', 'extra',
                'created_at', 'created_by', 'last_edited_at', 'last_edited_by', 'confidence', 'feature_hash',
                'space', 'object_number', 'geometry', 'polygon_rings'
            ]
        ) as field,
        unnest(range(21)) as place
),

fragments as (
    select
        net_fields.*,
        coalesce(own_order.place, 11) as place,
        net_fields.before is distinct from net_fields.after as differs,
        if(net_fields.field = 'category', net_fields.before ->> '$', null) as old_category,
        concat(to_json(net_fields.field)::varchar, ':', net_fields.before) as before_text,
        concat(to_json(net_fields.field)::varchar, ':', net_fields.after) as after_text,
        concat(to_json(net_fields.field)::varchar, ':null') as null_text,
        starts_with(net_fields.field, 'attributes.') as is_answer
    from net_fields
    left join own_order on own_order.field = net_fields.field
),

net_labels as (
    select
        label_number,
        max(old_category) as old_category,
        list(field order by place, field) filter (where differs) as fields,
        concat(
            '{',
            string_agg(if(before is null, null_text, before_text), ',' order by place, field)
                filter (where differs and (before is not null or not is_answer)),
            '}'
        ) as before,
        concat(
            '{',
            string_agg(if(after is null, null_text, after_text), ',' order by place, field)
                filter (where differs and (after is not null or not is_answer)),
            '}'
        ) as after,
        concat(
            '{', string_agg(before_text, ',' order by place, field) filter (where before is not null), '}'
        ) as whole_before,
        concat(
            '{', string_agg(after_text, ',' order by place, field) filter (where after is not null), '}'
        ) as whole_after
    from fragments
    group by label_number
)

select
    project,
    document_id,
    image_key,
    label_id,
    category,
    case when not was_there then 'added' when not is_there then 'removed' else 'changed' end as change,
    fields,
    before,
    after,
    ingest_id,
    changed_at
from labels
where steps = 1

union all

select
    rewritten.project,
    rewritten.document_id,
    rewritten.image_key,
    rewritten.label_id,
    if(rewritten.is_there, rewritten.category, net_labels.old_category),
    case
        when not rewritten.was_there then 'added'
        when not rewritten.is_there then 'removed'
        else 'changed'
    end,
    if(rewritten.was_there and rewritten.is_there, net_labels.fields, null),
    case
        when rewritten.was_there and rewritten.is_there then net_labels.before
        when rewritten.was_there then net_labels.whole_before
    end,
    case
        when rewritten.was_there and rewritten.is_there then net_labels.after
        when rewritten.is_there and not rewritten.is_untold then net_labels.whole_after
    end,
    rewritten.ingest_id,
    rewritten.changed_at
from rewritten
left join net_labels on net_labels.label_number = rewritten.label_number
where not (rewritten.was_there and rewritten.is_there) or net_labels.fields is not null;
