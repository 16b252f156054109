-- Issues that only the whole document shows: ids that occur twice, references to nothing, and labels with more or
-- fewer keypoints than their category has joints. The commit finds them after the rows are in, because a reader
-- sees the sections in any order and holds none of them.
-- grain: record with such an issue (one row each for a duplicate id, image_id, category_id, keypoints)
-- columns: document_key, section, position, key, code, message
-- parameters: first_key, last_key (document keys of a part of the commit)
create or replace temp table reference_issues as
with set_joints as (
    -- per set, not per document: thousands of documents share one
    -- where several categories have one id, the first counts
    select
        categories.category_set,
        categories.category_id,
        len(arg_min(categories.keypoints, categories.position)) as joint_count
    from categories
    where
        categories.category_set in (
            select documents.category_set
            from documents
            where documents.document_key between $first_key and $last_key
        )
    group by categories.category_set, categories.category_id
    having joint_count > 0
),

joints as (
    select documents.document_key, set_joints.category_id, set_joints.joint_count
    from documents
    inner join set_joints on set_joints.category_set = documents.category_set
    where documents.document_key between $first_key and $last_key
),

counted as (
    select keypoints.document_key, keypoints.annotation_position as position, count(*) as keypoint_count
    from keypoints
    where
        keypoints.document_key between $first_key and $last_key
        and keypoints.document_key in (select joints.document_key from joints)
    group by keypoints.document_key, keypoints.annotation_position
),

duplicate_categories as (
    select category_set, position
    from categories
    qualify row_number() over (partition by category_set, category_id order by position) > 1
)

select
    duplicate_records.document_key,
    duplicate_records.section,
    duplicate_records.position,
    'id' as key,
    'DUPLICATE_ID' as code,
    concat('id: another ', rtrim(duplicate_records.section, 's'), ' of the document has it') as message
from temp.main.duplicate_records as duplicate_records
where duplicate_records.document_key between $first_key and $last_key

union all

select
    documents.document_key,
    'categories',
    duplicate_categories.position,
    'id',
    'DUPLICATE_ID',
    'id: another category of the document has it'
from duplicate_categories
inner join documents on documents.category_set = duplicate_categories.category_set
where documents.document_key between $first_key and $last_key

union all

select
    annotations.document_key,
    'annotations',
    annotations.position,
    'image_id',
    'DANGLING_REF',
    'image_id: no image of the document has it'
from annotations
anti join images
    on images.document_key = annotations.document_key and images.image_id = annotations.image_id
where
    annotations.document_key between $first_key and $last_key
    -- a label of a label row may be on audio or text
    and annotations.image_id is not null

union all

select
    annotations.document_key,
    'annotations',
    annotations.position,
    'category_id',
    'DANGLING_REF',
    'category_id: no category of the document has it'
from annotations
inner join documents on documents.document_key = annotations.document_key
anti join categories
    on categories.category_set = documents.category_set
    and categories.category_id = annotations.category_id
where
    annotations.document_key between $first_key and $last_key
    and annotations.category_id is not null

union all

select
    annotations.document_key,
    'annotations',
    annotations.position,
    'keypoints',
    'BAD_ARITY',
    concat(
        'keypoints: ', counted.keypoint_count, ', but the category has ', joints.joint_count, ' joints',
        if(
            3 * counted.keypoint_count = 2 * joints.joint_count,
            '; perhaps x, y pairs, which are read as triplets',
            ''
        )
    )
from counted
inner join annotations
    on annotations.document_key = counted.document_key and annotations.position = counted.position
inner join joints
    on joints.document_key = annotations.document_key and joints.category_id = annotations.category_id
where
    annotations.document_key between $first_key and $last_key
    and counted.keypoint_count <> joints.joint_count;
