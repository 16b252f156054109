-- What became what: which class became which, and how much did the boxes move? The last night that changed labels
-- counts, or all since a day. Labels whose class and box are as before are left out.
-- grain: project, class before, class after
-- columns: project, category_before (name of the class before; null for added labels), category_after (name of the
--   class after; null for removed labels), label_count (labels), moved_count (labels whose box changed), mean_iou (mean
--   overlap of the boxes of before and after, 0 to 1; 1 where only the class changed; null for added and removed
--   labels), least_iou (the least overlap)
-- parameters: project (project; default null: all), since (first day, UTC; default null: the last night that changed
--   labels of the project), rows (rows at most, 1 or more; default 1000)
with last_nights as (
    select label_changes.project, max(label_changes.changed_at::date) as night
    from label_changes
    group by label_changes.project
),

changes as (
    select
        label_changes.project,
        case label_changes.change
            when 'changed' then coalesce(label_changes.before ->> '$.category', label_changes.category)
            when 'removed' then label_changes.category
        end as category_before,
        if(label_changes.change = 'removed', null, label_changes.category) as category_after,
        from_json(label_changes.before -> '$.bbox', '["DOUBLE"]') as box_before,
        from_json(label_changes.after -> '$.bbox', '["DOUBLE"]') as box_after,
        label_changes.change,
        label_changes.fields
    from label_changes
    inner join last_nights on last_nights.project = label_changes.project
    where
        ($project is null or label_changes.project = $project)
        and label_changes.changed_at::date >= coalesce($since::date, last_nights.night)
),

measured as (
    select
        changes.*,
        coalesce(list_contains(changes.fields, 'bbox'), false) as is_moved,
        case
            when changes.change <> 'changed' then null
            when not list_contains(changes.fields, 'bbox') then 1.0
            else bbox_iou(
                changes.box_before[1], changes.box_before[2], changes.box_before[3], changes.box_before[4],
                changes.box_after[1], changes.box_after[2], changes.box_after[3], changes.box_after[4]
            )
        end as iou
    from changes
    where changes.change <> 'changed' or list_has_any(changes.fields, ['bbox', 'category'])
)

select
    measured.project,
    measured.category_before,
    measured.category_after,
    count(*) as label_count,
    count(*) filter (where measured.is_moved) as moved_count,
    avg(measured.iou) as mean_iou,
    min(measured.iou) as least_iou
from measured
group by measured.project, measured.category_before, measured.category_after
order by
    measured.category_before is not distinct from measured.category_after,
    label_count desc,
    measured.project,
    measured.category_before nulls last,
    measured.category_after nulls last
limit $rows::bigint;
