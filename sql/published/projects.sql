-- Projects, with what each holds: a dimension.
-- grain: project
-- columns: project (Project that documents were loaded into), document_count (Documents in their current
--   version), image_count (Images and frames of those documents), label_count (Labels of those documents),
--   first_night (Day, UTC, of the project's first ingest), last_night (Day, UTC, of its last ingest, including
--   failed and unchanged ones)
with held as (
    select
        project,
        count(*) as document_count,
        sum(image_count)::bigint as image_count,
        sum(annotation_count)::bigint as label_count
    from published.main.documents
    group by project
),

loaded as (
    select project, min(night) as first_night, max(night) as last_night
    from published.main.ingests
    where project is not null
    group by project
)

select
    loaded.project,
    coalesce(held.document_count, 0) as document_count,
    coalesce(held.image_count, 0) as image_count,
    coalesce(held.label_count, 0) as label_count,
    loaded.first_night,
    loaded.last_night
from loaded
left join held on held.project = loaded.project
order by loaded.project;
