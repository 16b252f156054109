-- Failing rows with the identity of their finding, and of the group that stands for them if there are too many.
-- grain: failing row
-- columns: those of keyed_rows, finding_id, group_id (of the finding that stands for the row; null if it has one of
--   its own), group_document (document of that finding; null for all of the project)
-- parameters: document_limit, project_limit (findings of a cause and project)
create or replace temp table row_findings as
with identified as (
    select
        keyed_rows.*,
        concat_ws(
            chr(31),
            keyed_rows.check_name,
            coalesce(keyed_rows.project, chr(30)),
            coalesce(keyed_rows.cause, chr(30))
        ) as cause_key,
        concat_ws(
            chr(31),
            cause_key,
            coalesce(keyed_rows.document_id, chr(30)),
            coalesce(keyed_rows.image_key, chr(30)),
            coalesce(keyed_rows.label_id, chr(30)),
            coalesce(keyed_rows.subject, chr(30))
        ) as place_key,
        if(keyed_rows.cause_count > $project_limit, null, keyed_rows.document_id) as group_document
    from keyed_rows
)

select
    identified.* exclude (cause_key, place_key),
    left(md5(concat(
        identified.place_key,
        chr(31),
        row_number() over (partition by identified.place_key order by identified.row_number)
    )), 16) as finding_id,
    if(
        identified.group_count > $document_limit or identified.cause_count > $project_limit,
        left(md5(concat_ws(
            chr(31),
            'group',
            identified.cause_key,
            coalesce(identified.group_document, chr(30)),
            identified.severity,
            identified.is_waived
        )), 16),
        null
    ) as group_id
from identified;
