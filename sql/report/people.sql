-- What each person created and edited, from label rows.
-- grain: project, person
-- columns: project, person (as stored; null for unknown), created (labels and classifications), edited (whose last edit,
--   later than the creation, is the person's), manual (created by hand), automated (made by a model or interpolated),
--   unknown (the row does not say), manual_share (manual over manual and automated, 0 to 1), first_day (UTC, of what the
--   person created or edited), last_day (UTC)
-- parameters: project (null for all)
with done as (
    select project, created_by as person, 'created' as what, created_day as day, drawn_by
    from label_work

    union all

    select project, last_edited_by, 'edited', edited_day, null
    from label_work
    where is_edited
)

select
    project,
    person,
    count(*) filter (where what = 'created') as created,
    count(*) filter (where what = 'edited') as edited,
    count(*) filter (where drawn_by = 'manual') as manual,
    count(*) filter (where drawn_by = 'automated') as automated,
    count(*) filter (where drawn_by = 'unknown') as unknown,
    manual / nullif(manual + automated, 0) as manual_share,
    min(day) as first_day,
    max(day) as last_day
from done
where $project is null or project = $project
group by project, person
order by created + edited desc, project, person;
