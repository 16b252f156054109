-- Labels of a category that their document does not define.
-- grain: label, or document whose category ids are all off by one
-- columns: project, document_id, document_key, image_key, annotation_position, label_id (identity of the
--   label within the image), what (in words), cause, labels, category_id
-- severity: error
-- explanation: Their meaning is lost. A label without any category counts too, but not a caption or a panoptic
--   label, whose segments have the categories. If all labels of a document would have a category with ids one
--   lower, or one higher, all of them are off by one, and the document is one row: the labels whose ids exist have
--   the wrong class.
with undefined as (
    select annotations.document_key, annotations.position
    from annotations
    inner join documents on documents.document_key = annotations.document_key
    anti join categories
        on categories.category_set = documents.category_set
        and categories.category_id = annotations.category_id
    where
        annotations.category_id is not null
        or record_kind(annotations.extra, annotations.bbox_w, annotations.segmentation_kind) = 'label'
),

-- the ids next to those of the labels, one lower and one higher.
shifted as (
    select
        used.document_key,
        used.shift,
        sum(used.label_count)::bigint as label_count,
        sum(used.label_count) filter (where own.category_id is null)::bigint as undefined_count
    from (
        select
            annotations.document_key,
            annotations.category_id,
            unnest([-1, 1]) as shift,
            count(*) as label_count
        from annotations
        where
            annotations.document_key in (select undefined.document_key from undefined)
            and annotations.category_id is not null
        group by annotations.document_key, annotations.category_id
    ) as used
    inner join documents on documents.document_key = used.document_key
    left join (
        select distinct categories.category_set, categories.category_id
        from categories
    ) as moved
        on moved.category_set = documents.category_set and moved.category_id = used.category_id + used.shift
    left join (
        select distinct categories.category_set, categories.category_id
        from categories
    ) as own
        on own.category_set = documents.category_set and own.category_id = used.category_id
    group by used.document_key, used.shift
    having count(*) >= 2 and count(*) = count(moved.category_id) and undefined_count > 0
)

select
    documents.project,
    documents.document_id,
    documents.document_key,
    null::varchar as image_key,
    null::bigint as annotation_position,
    null::varchar as label_id,
    concat(
        'category ids are off by one: ', shifted.undefined_count, ' of ', shifted.label_count,
        if(shifted.undefined_count = 1, ' labels has', ' labels have'), ' no category, and all have one with ids one ', if(shifted.shift = -1, 'lower', 'higher')
    ) as what,
    'category ids off by one' as cause,
    shifted.label_count as labels,
    null::bigint as category_id
from shifted
inner join documents on documents.document_key = shifted.document_key
union all
select
    labels.project,
    labels.document_id,
    labels.document_key,
    labels.image_key,
    labels.position as annotation_position,
    labels.label_id,
    if(
        labels.category_id is null,
        'no category_id',
        concat('no category with id ', coalesce(labels.category_id_text, labels.category_id::varchar))
    ) as what,
    if(labels.category_id is null, 'label without a category', 'category that is not defined') as cause,
    null::bigint as labels,
    labels.category_id
from labels
inner join undefined
    on undefined.document_key = labels.document_key and undefined.position = labels.position
anti join shifted
    on shifted.document_key = labels.document_key and labels.category_id is not null
order by document_key, annotation_position;
