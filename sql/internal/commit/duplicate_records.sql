-- Images and annotations whose id an earlier record of their document has.
-- grain: record
-- columns: section, document_key, position
create or replace temp table duplicate_records as
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
inner join temp.main.duplicate_ids as duplicate_ids
    on duplicate_ids.section = records.section
    and duplicate_ids.document_key = records.document_key
    and duplicate_ids.id is not distinct from records.id
qualify
    row_number() over (
        partition by records.section, records.document_key, records.id order by records.position
    ) > 1;
