-- Causes of findings: what one check finds for one reason, in a document or in several of a project.
-- grain: check, project, cause, severity, waiver; and document, where few have the cause
-- columns: check_name, severity, cause, project, document_id (null for several, or for none), waived (reason),
--   document_count, image_count, row_count, label_count, finding_count, new_count (of these), examples (the first of
--   different documents, then of different images)
-- parameters: only_new (count new findings only), separate_documents (a cause in at most this number of documents has a row for each), example_count
with chosen as (
    select shown_findings.*
    from shown_findings
    where shown_findings.is_new or not $only_new
),

measured as (
    select
        chosen.check_name,
        chosen.project,
        chosen.cause,
        chosen.severity,
        chosen.waived,
        greatest(count(distinct chosen.document_id), max(chosen.document_count)) as document_count
    from chosen
    group by all
),

placed as (
    select
        chosen.* exclude (document_count),
        if(measured.document_count <= $separate_documents, chosen.document_id, null) as cause_document,
        chosen.document_count
    from chosen
    inner join measured
        on measured.check_name = chosen.check_name
        and measured.project is not distinct from chosen.project
        and measured.cause is not distinct from chosen.cause
        and measured.severity = chosen.severity
        and measured.waived is not distinct from chosen.waived
),

shown as (
    select
        placed.check_name,
        placed.project,
        placed.cause,
        placed.severity,
        placed.waived,
        placed.cause_document,
        placed.row_number,
        unnest(placed.examples) as example,
        unnest(range(len(placed.examples))) as nth_example
    from placed
),

ranked as (
    select
        shown.*,
        row_number() over (
            partition by
                shown.check_name, shown.project, shown.cause, shown.severity, shown.waived, shown.cause_document,
                shown.example.document_id
            order by shown.row_number, shown.nth_example
        ) as nth_of_document,
        row_number() over (
            partition by
                shown.check_name, shown.project, shown.cause, shown.severity, shown.waived, shown.cause_document,
                shown.example.document_id, shown.example.image_key
            order by shown.row_number, shown.nth_example
        ) as nth_of_image
    from shown
),

example_lists as (
    select
        ranked.check_name,
        ranked.project,
        ranked.cause,
        ranked.severity,
        ranked.waived,
        ranked.cause_document,
        list(
            ranked.example
            order by ranked.nth_of_image, ranked.nth_of_document, ranked.row_number, ranked.nth_example
        )[:$example_count] as examples
    from ranked
    group by all
),

counted as (
    select
        placed.check_name,
        placed.project,
        placed.cause,
        placed.severity,
        placed.waived,
        placed.cause_document,
        greatest(count(distinct placed.document_id), max(placed.document_count)) as document_count,
        count(distinct placed.image_key) + coalesce(sum(placed.image_count) filter (where placed.is_group), 0)
            as image_count,
        sum(placed.row_count)::bigint as row_count,
        sum(placed.label_count)::bigint as label_count,
        count(*) as finding_count,
        count(*) filter (where placed.is_new) as new_count,
        min(placed.row_number) as row_number
    from placed
    group by all
)

select
    counted.check_name,
    counted.severity,
    counted.cause,
    counted.project,
    counted.cause_document as document_id,
    counted.waived,
    counted.document_count::bigint as document_count,
    counted.image_count::bigint as image_count,
    counted.row_count,
    counted.label_count,
    counted.finding_count,
    counted.new_count,
    example_lists.examples
from counted
inner join example_lists
    on example_lists.check_name = counted.check_name
    and example_lists.project is not distinct from counted.project
    and example_lists.cause is not distinct from counted.cause
    and example_lists.severity = counted.severity
    and example_lists.waived is not distinct from counted.waived
    and example_lists.cause_document is not distinct from counted.cause_document
order by
    counted.check_name,
    counted.waived is not null,
    list_position(['error', 'warning', 'info'], counted.severity),
    counted.row_count desc,
    counted.project,
    counted.cause_document,
    counted.cause;
