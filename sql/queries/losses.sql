-- Which classes, documents and images lost unusually many labels in a night? What is usual is the
-- mean of the other nights.
-- grain: kind of thing, its name, night
-- columns: project, kind (class, document or image), name (of the class, document_id or image_key), night (day, UTC),
--   removed_count (labels removed), added_count (labels added), usual_count (mean of labels removed a night with an
--   ingest, in the other nights), score (labels lost beyond twice what is usual)
-- parameters: project (project; default null: all), kind (class, document or image; default null: all), min_lost (labels
--   lost at least, 1 or more; default 5), rows (rows at most, 1 or more; default 100)
with changes as (
    select
        label_changes.project,
        label_changes.changed_at::date as night,
        label_changes.change,
        unnest([
            {'kind': 'class', 'name': label_changes.category},
            {'kind': 'document', 'name': label_changes.document_id},
            {'kind': 'image', 'name': label_changes.image_key}
        ], recursive := true)
    from label_changes
    where label_changes.change <> 'changed' and ($project is null or label_changes.project = $project)
),

nights as (
    select ingests.project, count(distinct ingests.started_at::date) as night_count
    from ingests
    where ingests.status in ('committed', 'unchanged')
    group by ingests.project
),

counted as (
    select
        changes.project,
        changes.kind,
        changes.name,
        changes.night,
        count(*) filter (where changes.change = 'removed') as removed_count,
        count(*) filter (where changes.change = 'added') as added_count
    from changes
    where changes.name is not null and ($kind is null or changes.kind = $kind)
    group by changes.project, changes.kind, changes.name, changes.night
),

usual as (
    select
        counted.*,
        (sum(counted.removed_count) over thing - counted.removed_count)
        / greatest(nights.night_count - 1, 1) as usual_count
    from counted
    inner join nights on nights.project = counted.project
    window thing as (partition by counted.project, counted.kind, counted.name)
)

select
    usual.project,
    usual.kind,
    usual.name,
    usual.night,
    usual.removed_count,
    usual.added_count,
    usual.usual_count,
    usual.removed_count - usual.added_count - 2 * usual.usual_count as score
from usual
where
    usual.removed_count - usual.added_count >= $min_lost::bigint
    and usual.removed_count - usual.added_count > 2 * usual.usual_count
order by score desc, usual.project, usual.kind, usual.name, usual.night
limit $rows::bigint;
