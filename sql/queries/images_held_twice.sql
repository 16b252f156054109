-- Which images are in the data twice or more, and do the copies have the same labels?
-- grain: image with several copies
-- columns: project, image_key, copies (images with the key, in any document), documents (document_ids that have one),
--   least_labels (labels of the copy
--   with the fewest), most_labels (of the copy with the most), agreed_share (of the boxes
--   with class, those that every copy has, rounded to pixels, 0 to 1; null without boxes), score (boxes that not every
--   copy has: the higher, the less the copies agree)
-- parameters: project (project; default null: all), rows (rows at most, 1 or more; default 1000)
with copies as (
    select documents.project, documents.document_id, images.document_key, images.image_id, images.image_key
    from images
    inner join documents on documents.document_key = images.document_key
    where images.image_key is not null and ($project is null or documents.project = $project)
    qualify count(*) over (partition by documents.project, images.image_key) > 1
),

boxes as (
    select
        copies.project,
        copies.image_key,
        copies.document_key,
        copies.image_id,
        labels.category_name,
        round(labels.bbox_x) as x,
        round(labels.bbox_y) as y,
        round(labels.bbox_w) as w,
        round(labels.bbox_h) as h
    from copies
    inner join labels on labels.document_key = copies.document_key and labels.image_id = copies.image_id
    where labels.bbox_w is not null
),

label_counts as (
    select boxes.document_key, boxes.image_id, count(*) as label_count
    from boxes
    group by boxes.document_key, boxes.image_id
),

copy_counts as (
    select
        copies.project,
        copies.image_key,
        count(*) as copies,
        list_sort(list(distinct copies.document_id)) as documents,
        min(coalesce(label_counts.label_count, 0)) as least_labels,
        max(coalesce(label_counts.label_count, 0)) as most_labels
    from copies
    left join label_counts
        on label_counts.document_key = copies.document_key and label_counts.image_id = copies.image_id
    group by copies.project, copies.image_key
),

distinct_boxes as (
    select
        boxes.project,
        boxes.image_key,
        count(distinct (boxes.document_key, boxes.image_id)) as holders
    from boxes
    group by
        boxes.project, boxes.image_key, boxes.category_name, boxes.x, boxes.y, boxes.w, boxes.h
),

agreements as (
    select
        distinct_boxes.project,
        distinct_boxes.image_key,
        count(*) as box_count,
        count(*) filter (where distinct_boxes.holders = copy_counts.copies) as agreed_count
    from distinct_boxes
    inner join copy_counts
        on copy_counts.project = distinct_boxes.project and copy_counts.image_key = distinct_boxes.image_key
    group by distinct_boxes.project, distinct_boxes.image_key
)

select
    copy_counts.project,
    copy_counts.image_key,
    copy_counts.copies,
    copy_counts.documents,
    copy_counts.least_labels,
    copy_counts.most_labels,
    agreements.agreed_count / agreements.box_count as agreed_share,
    coalesce(agreements.box_count - agreements.agreed_count, 0) as score
from copy_counts
left join agreements
    on agreements.project = copy_counts.project and agreements.image_key = copy_counts.image_key
order by score desc, copy_counts.project, copy_counts.image_key
limit $rows::bigint;
