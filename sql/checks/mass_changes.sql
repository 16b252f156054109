-- Documents whose boxes nearly all moved, and classes whose labels nearly all became another class, in one ingest of
-- the last thirty days.
-- grain: document, or pair of classes of a project
-- columns: project, document_id, document_key, image_key, annotation_position, label_id (identity of the
--   label within the image), what (in words), cause, labels (labels that changed and stayed so), category_name
--   (the class that they had; null for boxes), other_category_name (the class that they have; null for boxes), night
--   (day of the change, UTC), ingest_id (ingest that brought the change)
-- severity: warning
-- explanation: People change labels one by one; a tool, a script or another export changes them all. Nearly all is
--   80 % of at least 10 labels. The check reports the change until the labels have their boxes or classes back, and
--   says what the boxes moved by, in the median. Boxes that moved by less than half a pixel are rounded.
with projects as (
    select ingests.project, max(ingests.started_at) - interval 30 days as since
    from ingests
    where ingests.status in ('committed', 'unchanged')
    group by ingests.project
),

changes as (
    select
        label_changes.project,
        label_changes.document_id,
        label_changes.image_key,
        label_changes.label_id,
        label_changes.ingest_number,
        label_changes.ingest_id,
        label_changes.changed_at,
        label_changes.category,
        label_changes.fields,
        label_changes.before,
        label_changes.after
    from label_changes
    inner join projects on projects.project = label_changes.project and label_changes.changed_at >= projects.since
    where
        label_changes.change = 'changed'
        and (list_contains(label_changes.fields, 'bbox') or list_contains(label_changes.fields, 'category'))
),

box_counts as (
    select
        changes.project,
        changes.document_id,
        changes.ingest_number,
        documents.document_key,
        documents.annotation_count
    from changes
    inner join documents
        on documents.project = changes.project and documents.document_id = changes.document_id
    where list_contains(changes.fields, 'bbox')
    group by
        changes.project,
        changes.document_id,
        changes.ingest_number,
        documents.document_key,
        documents.annotation_count
    having count(*) >= 10 and count(*) >= 0.8 * documents.annotation_count
),

-- what a label had first says whether a later change put it back.
first_boxes as (
    select
        changes.project,
        changes.document_id,
        changes.image_key,
        changes.label_id,
        arg_min(changes.before, changes.ingest_number) as before
    from changes
    where list_contains(changes.fields, 'bbox')
    group by changes.project, changes.document_id, changes.image_key, changes.label_id
),

moved as (
    select
        changes.project,
        changes.document_id,
        box_counts.document_key,
        box_counts.annotation_count,
        changes.ingest_number,
        changes.ingest_id,
        changes.changed_at,
        from_json(first_boxes.before, '{"bbox": ["DOUBLE"]}').bbox as bbox_before,
        [labels.bbox_x, labels.bbox_y, labels.bbox_w, labels.bbox_h] as bbox
    from changes
    inner join box_counts
        on box_counts.project = changes.project
        and box_counts.document_id = changes.document_id
        and box_counts.ingest_number = changes.ingest_number
    inner join labels
        on labels.document_key = box_counts.document_key
        and labels.image_key is not distinct from changes.image_key
        and labels.label_id = changes.label_id
    inner join first_boxes
        on first_boxes.project = changes.project
        and first_boxes.document_id = changes.document_id
        and first_boxes.image_key is not distinct from changes.image_key
        and first_boxes.label_id = changes.label_id
    where list_contains(changes.fields, 'bbox')
),

measured as (
    select
        moved.*,
        list_max([
            abs(bbox[1] - bbox_before[1]),
            abs(bbox[2] - bbox_before[2]),
            abs(bbox[1] + bbox[3] - bbox_before[1] - bbox_before[3]),
            abs(bbox[2] + bbox[4] - bbox_before[2] - bbox_before[4])
        ]) as moved_px
    from moved
),

moved_documents as (
    select
        measured.project,
        measured.document_id,
        measured.document_key,
        measured.ingest_number,
        any_value(measured.ingest_id) as ingest_id,
        any_value(measured.changed_at)::date as night,
        count(*) as label_count,
        any_value(measured.annotation_count) as annotation_count,
        median(measured.moved_px) as moved_px,
        median(measured.moved_px / nullif(greatest(measured.bbox_before[3], measured.bbox_before[4]), 0)) as moved_share
    from measured
    where measured.moved_px >= 0.5
    group by measured.project, measured.document_id, measured.document_key, measured.ingest_number
    having count(*) >= 10 and count(*) >= 0.8 * any_value(measured.annotation_count)
    qualify
        row_number() over (
            partition by measured.project, measured.document_id order by measured.ingest_number desc
        ) = 1
),

recategorised as (
    select
        changes.project,
        json_extract_string(changes.before, '$.category') as category_before,
        json_extract_string(changes.after, '$.category') as category_after,
        changes.ingest_number,
        any_value(changes.ingest_id) as ingest_id,
        any_value(changes.changed_at)::date as night,
        count(*) as label_count
    from changes
    where list_contains(changes.fields, 'category')
    group by all
    having count(*) >= 3
),

named as (
    select
        categories.category_set,
        categories.category_id,
        arg_min(categories.name, categories.position) as category_name
    from categories
    group by categories.category_set, categories.category_id
),

class_counts as (
    select documents.project, named.category_name, sum(counts.label_count)::bigint as label_count
    from (
        select annotations.document_key, annotations.category_id, count(*) as label_count
        from annotations
        where annotations.document_key in (
            select documents.document_key
            from documents
            where documents.project in (select recategorised.project from recategorised)
        )
        group by annotations.document_key, annotations.category_id
    ) as counts
    inner join documents on documents.document_key = counts.document_key
    inner join named
        on named.category_set = documents.category_set and named.category_id = counts.category_id
    group by documents.project, named.category_name
),

changed_classes as (
    select
        recategorised.*,
        coalesce(old.label_count, 0) as left_count,
        coalesce(new.label_count, 0) as new_count
    from recategorised
    left join class_counts as old
        on old.project = recategorised.project and old.category_name = recategorised.category_before
    left join class_counts as new
        on new.project = recategorised.project and new.category_name = recategorised.category_after
    where
        -- what is left of the old class, and what the new one has, say whether the change still holds.
        coalesce(new.label_count, 0) >= 0.5 * recategorised.label_count
        and (
            recategorised.label_count >= 0.8 * (recategorised.label_count + coalesce(old.label_count, 0))
            or (
                recategorised.label_count >= 10
                and recategorised.label_count >= 0.3 * (recategorised.label_count + coalesce(old.label_count, 0))
            )
        )
    qualify
        row_number() over (
            partition by recategorised.project, recategorised.category_before, recategorised.category_after
            order by recategorised.ingest_number desc
        ) = 1
)

select
    moved_documents.project,
    moved_documents.document_id,
    moved_documents.document_key,
    null::varchar as image_key,
    null::bigint as annotation_position,
    null::varchar as label_id,
    concat(
        moved_documents.label_count, ' of ', moved_documents.annotation_count, ' boxes moved on ',
        moved_documents.night, ', in the median by ', round(moved_documents.moved_px, 1), ' px or ',
        round(100 * moved_documents.moved_share, 1), ' % of their size'
    ) as what,
    'nearly all boxes moved' as cause,
    moved_documents.label_count as labels,
    null::varchar as category_name,
    null::varchar as other_category_name,
    moved_documents.night,
    moved_documents.ingest_id
from moved_documents
union all
select
    changed_classes.project,
    null::varchar,
    null::bigint,
    null::varchar,
    null::bigint,
    null::varchar,
    concat(
        counted(changed_classes.label_count, 'label', 'labels'), ' became ', changed_classes.category_after, ' on ',
        changed_classes.night, ', were ', changed_classes.category_before, ', of which ', changed_classes.left_count, ' are left'
    ),
    if(changed_classes.left_count = 0, 'class became another', 'many labels of a class became another'),
    changed_classes.label_count,
    changed_classes.category_before,
    changed_classes.category_after,
    changed_classes.night,
    changed_classes.ingest_id
from changed_classes
order by project, document_id, category_name, other_category_name;
