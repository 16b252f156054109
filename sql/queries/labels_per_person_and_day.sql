-- How many labels and classifications did each person create and edit, day by day?
-- grain: project, day, person
-- columns: project, day (UTC), person (as stored: an address or user id, or a token; null for unknown), created_labels
--   (labels created, one per frame), edited_labels (labels whose last edit is on the day and later than their
--   creation), created_classifications (classifications created), edited_classifications (as edited_labels)
-- parameters: project (project; default null: all), person (person as stored; default null: all), since (first day to
--   show, such as 2026-01-31, UTC; default null: the beginning), rows (rows at most, the latest first, 1 or more;
--   default 1000)
-- needs: label rows
with done as (
    select
        label_work.project, label_work.kind, 'created' as what, label_work.created_at as done_at,
        label_work.created_by as person
    from label_work

    union all

    select
        label_work.project, label_work.kind, 'edited', label_work.last_edited_at,
        label_work.last_edited_by
    from label_work
    where label_work.is_edited
)

select
    done.project,
    done.done_at::date as day,
    done.person,
    count(*) filter (where done.what = 'created' and done.kind = 'label') as created_labels,
    count(*) filter (where done.what = 'edited' and done.kind = 'label') as edited_labels,
    count(*) filter (where done.what = 'created' and done.kind = 'classification') as created_classifications,
    count(*) filter (where done.what = 'edited' and done.kind = 'classification') as edited_classifications
from done
where
    done.done_at is not null
    and ($project is null or done.project = $project)
    and ($person is null or done.person = $person)
    and ($since::date is null or done.done_at::date >= $since::date)
group by done.project, done.done_at::date, done.person
order by day desc, created_labels + edited_labels desc, done.project, done.person
limit $rows::bigint;
