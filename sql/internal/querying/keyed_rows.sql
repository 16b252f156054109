-- Failing rows with the waiver that holds for each, and their group: the rows of one cause and document.
-- grain: failing row
-- columns: those of check_rows, waiver (number of the first waiver that holds), is_waived, group_count (rows of the
--   group), cause_count (findings of the cause in the project, where large groups count once)
-- parameters: document_limit (rows of a group that have findings of their own)
create or replace temp table keyed_rows as
with waivings as (
    select check_rows.row_number, min(waivers.waiver) as waiver
    from check_rows
    inner join waivers
        on waivers.check_name = check_rows.check_name
        and (waivers.project is null or coalesce(check_rows.project glob waivers.project, false))
        and (waivers.document is null or coalesce(check_rows.document_id glob waivers.document, false))
        and (waivers.image is null or check_rows.image_key is not distinct from waivers.image)
        and (waivers.label is null or check_rows.label_id is not distinct from waivers.label)
        and (waivers.class is null or check_rows.category_name is not distinct from waivers.class)
        and (waivers.cause is null or check_rows.cause is not distinct from waivers.cause)
    where not waivers.is_expired
    group by check_rows.row_number
),

marked as (
    select check_rows.*, waivings.waiver, waivings.waiver is not null as is_waived
    from check_rows
    left join waivings on waivings.row_number = check_rows.row_number
),

counted as (
    select
        marked.*,
        count(*) over (
            partition by
                marked.check_name, marked.project, marked.document_id, marked.cause, marked.severity,
                marked.is_waived
        ) as group_count
    from marked
)

select
    counted.*,
    ceil(sum(if(counted.group_count > $document_limit, 1 / counted.group_count, 1)) over (
        partition by counted.check_name, counted.project, counted.cause, counted.severity, counted.is_waived
    )) as cause_count
from counted;
