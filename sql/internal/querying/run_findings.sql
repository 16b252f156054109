-- Findings of the run: one for each failing row, or for all rows of a group that is too large.
-- grain: finding
-- columns: finding_id, check_name, severity, cause, project, document_id, image_key, label_id, category_name, what,
--   is_group, row_count, label_count, waived (reason), waiver, document_count, image_count, document_key,
--   annotation_position, row_number, examples (rows of different documents, then images: document_id, image_key,
--   label_id, what)
-- parameters: example_count
create or replace temp table run_findings as
with firsts as (
    -- the first row of each image of a group.
    select
        row_findings.*,
        row_number() over (
            partition by row_findings.group_id, row_findings.document_id order by row_findings.row_number
        ) as nth_image
    from row_findings
    where row_findings.group_id is not null
    qualify
        row_number() over (
            partition by row_findings.group_id, row_findings.document_id, row_findings.image_key
            order by row_findings.row_number
        ) = 1
),

group_examples as (
    select
        firsts.group_id,
        list(
            {
                'document_id': firsts.document_id,
                'image_key': firsts.image_key,
                'label_id': firsts.label_id,
                'what': firsts.what
            }
            order by firsts.nth_image, firsts.row_number
        )[:$example_count] as examples
    from firsts
    group by firsts.group_id
),

grouped as (
    select
        row_findings.group_id as finding_id,
        any_value(row_findings.check_name) as check_name,
        any_value(row_findings.severity) as severity,
        any_value(row_findings.cause) as cause,
        any_value(row_findings.project) as project,
        any_value(row_findings.group_document) as document_id,
        if(count(distinct row_findings.category_name) = 1, any_value(row_findings.category_name), null)
            as category_name,
        count(*) as row_count,
        sum(row_findings.label_count)::bigint as label_count,
        min(row_findings.waiver) as waiver,
        count(distinct row_findings.document_id) as document_count,
        count(distinct row_findings.image_key) as image_count,
        min(row_findings.row_number) as row_number
    from row_findings
    where row_findings.group_id is not null
    group by row_findings.group_id
)

select
    row_findings.finding_id,
    row_findings.check_name,
    row_findings.severity,
    row_findings.cause,
    row_findings.project,
    row_findings.document_id,
    row_findings.image_key,
    row_findings.label_id,
    row_findings.category_name,
    row_findings.what,
    false as is_group,
    1::bigint as row_count,
    row_findings.label_count,
    waivers.reason as waived,
    row_findings.waiver,
    if(row_findings.document_id is null, 0, 1)::bigint as document_count,
    if(row_findings.image_key is null, 0, 1)::bigint as image_count,
    row_findings.document_key,
    row_findings.annotation_position,
    row_findings.row_number,
    [{
        'document_id': row_findings.document_id,
        'image_key': row_findings.image_key,
        'label_id': row_findings.label_id,
        'what': row_findings.what
    }] as examples
from row_findings
left join waivers on waivers.waiver = row_findings.waiver
where row_findings.group_id is null

union all

select
    grouped.finding_id,
    grouped.check_name,
    grouped.severity,
    grouped.cause,
    grouped.project,
    grouped.document_id,
    null as image_key,
    null as label_id,
    grouped.category_name,
    concat(format('{:,}', grouped.row_count), ' rows, such as: ', group_examples.examples[1].what) as what,
    true as is_group,
    grouped.row_count,
    grouped.label_count,
    waivers.reason as waived,
    grouped.waiver,
    grouped.document_count,
    grouped.image_count,
    null as document_key,
    null as annotation_position,
    grouped.row_number,
    group_examples.examples
from grouped
inner join group_examples on group_examples.group_id = grouped.finding_id
left join waivers on waivers.waiver = grouped.waiver;
