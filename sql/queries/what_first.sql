-- Which images, documents and classes have the most findings, so that they go back first?
-- grain: kind of thing, image or document or class
-- columns: kind (image, document or class), rank (from 1, of its kind), project, document_id, image_key,
--   category_name (name of the category), score (10 for each error, 3 for each warning, 1 for each note), errors
--   (findings), warnings (findings), notes (findings of severity info), checks (names of the checks, the most frequent
--   first)
-- parameters: project (project; default null: all), kind (image, document or class; default null: all), rows (rows of
--   each kind, 1 or more; default 20)
-- needs: labelhouse check
with counted as (
    select
        findings.*,
        -- a group counts as many rows as may have findings of their own.
        least(findings.row_count, 1000) as finding_count
    from findings
    where findings.status = 'open' and ($project is null or findings.project = $project)
),

things as (
    select
        'image' as kind, counted.project, counted.document_id, counted.image_key, null as category_name,
        counted.check_name, counted.severity, counted.finding_count
    from counted
    where counted.image_key is not null

    union all

    select
        'document' as kind, counted.project, counted.document_id, null as image_key, null as category_name,
        counted.check_name, counted.severity, counted.finding_count
    from counted
    where counted.document_id is not null

    union all

    select
        'class' as kind, counted.project, null as document_id, null as image_key, counted.category_name,
        counted.check_name, counted.severity, counted.finding_count
    from counted
    where counted.category_name is not null
),

by_check as (
    select
        things.kind,
        things.project,
        things.document_id,
        things.image_key,
        things.category_name,
        things.check_name,
        coalesce(sum(things.finding_count) filter (where things.severity = 'error'), 0)::bigint as errors,
        coalesce(sum(things.finding_count) filter (where things.severity = 'warning'), 0)::bigint as warnings,
        coalesce(sum(things.finding_count) filter (where things.severity = 'info'), 0)::bigint as notes
    from things
    where $kind::varchar is null or things.kind = $kind
    group by
        things.kind, things.project, things.document_id, things.image_key, things.category_name,
        things.check_name
),

summed as (
    select
        by_check.kind,
        by_check.project,
        by_check.document_id,
        by_check.image_key,
        by_check.category_name,
        (10 * sum(by_check.errors) + 3 * sum(by_check.warnings) + sum(by_check.notes))::bigint as score,
        sum(by_check.errors)::bigint as errors,
        sum(by_check.warnings)::bigint as warnings,
        sum(by_check.notes)::bigint as notes,
        string_agg(
            by_check.check_name,
            ', '
            order by by_check.errors desc, by_check.warnings desc, by_check.notes desc, by_check.check_name
        ) as checks
    from by_check
    group by by_check.kind, by_check.project, by_check.document_id, by_check.image_key, by_check.category_name
)

select
    summed.kind,
    row_number() over (
        partition by summed.kind
        order by
            summed.score desc, summed.errors desc, summed.project, summed.document_id, summed.image_key,
            summed.category_name
    ) as rank,
    summed.* exclude (kind)
from summed
qualify rank <= $rows::bigint
order by summed.kind = 'class', summed.kind = 'document', rank;
