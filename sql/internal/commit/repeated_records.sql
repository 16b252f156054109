-- The images and annotations whose id an earlier one of their document has.
-- grain: record
-- columns: section, document_key, position
create or replace temp table repeats as
with records as (
    select
        'images' as section,
        document_key,
        position,
        image_id as id
    from images
    union all
    select
        'annotations',
        document_key,
        position,
        annotation_id
    from annotations
)

select
    records.section,
    records.document_key,
    records.position
from records
inner join temp.main.repeated_ids as repeated_ids
    on repeated_ids.section = records.section
    and repeated_ids.document_key = records.document_key
    and repeated_ids.id is not distinct from records.id
qualify
    row_number() over (
        partition by records.section, records.document_key, records.id order by records.position
    ) > 1;
