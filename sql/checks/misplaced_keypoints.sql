-- Skeletons whose keypoints lie outside the image, at 0, 0 or on one place, or have an unknown visibility.
-- grain: label, or document whose keypoints have other visibilities than COCO's
-- columns: project, document_id, document_key, image_key, annotation_position, label_id (identity of the
--   label within the image), what (in words), cause, severity, labels, keypoint_count (keypoints of the label;
--   null for a document)
-- severity: warning
-- explanation: A labelled keypoint (visibility 1 or 2) lies on its image, to a pixel. At 0, 0 it is usually not
--   placed, and should have visibility 0. Half of at least four labelled keypoints on one place come from a
--   skeleton that was dropped and not drawn. Visibility is 0, 1 or 2; a document in which half of the skeletons
--   have other values, such as scores, is one row.
with places as (
    select
        keypoints.document_key,
        keypoints.annotation_position,
        keypoints.x,
        keypoints.y,
        count(*) as place_count,
        count(*) filter (where keypoints.visibility > 0) as labelled_count,
        count(*) filter (where keypoints.visibility not in (0, 1, 2)) as unknown_count
    from keypoints
    group by keypoints.document_key, keypoints.annotation_position, keypoints.x, keypoints.y
),

skeletons as (
    select
        places.document_key,
        places.annotation_position,
        sum(places.place_count)::bigint as keypoint_count,
        sum(places.labelled_count)::bigint as labelled_count,
        sum(places.unknown_count)::bigint as unknown_count,
        max(places.labelled_count) as same_place_count,
        sum(places.labelled_count) filter (where places.x = 0 and places.y = 0)::bigint as zero_count,
        min(places.x) filter (where places.labelled_count > 0) as x1,
        min(places.y) filter (where places.labelled_count > 0) as y1,
        max(places.x) filter (where places.labelled_count > 0) as x2,
        max(places.y) filter (where places.labelled_count > 0) as y2
    from places
    group by places.document_key, places.annotation_position
),

measured as (
    select
        skeletons.*,
        greatest(
            -skeletons.x1, -skeletons.y1, skeletons.x2 - image_sizes.width, skeletons.y2 - image_sizes.height
        ) as outside_px
    from skeletons
    inner join annotations
        on annotations.document_key = skeletons.document_key
        and annotations.position = skeletons.annotation_position
    left join image_sizes
        on image_sizes.document_key = annotations.document_key and image_sizes.image_id = annotations.image_id
),

flawed as (
    select
        measured.*,
        case
            when zero_count > 0 then 'labelled keypoint at 0, 0'
            when labelled_count >= 4 and same_place_count >= 0.5 * labelled_count then 'keypoints on one place'
            when outside_px > 1 then 'keypoint outside the image'
            when unknown_count > 0 then 'visibility neither 0, 1 nor 2'
        end as cause
    from measured
),

other_documents as (
    select
        flawed.document_key,
        count(*) as label_count,
        count(*) filter (where flawed.unknown_count > 0) as unknown_count
    from flawed
    group by flawed.document_key
    having count(*) filter (where flawed.unknown_count > 0) >= greatest(2, 0.5 * count(*))
)

select
    documents.project,
    documents.document_id,
    documents.document_key,
    null::varchar as image_key,
    null::bigint as annotation_position,
    null::varchar as label_id,
    concat(
        other_documents.unknown_count, ' of ', other_documents.label_count,
        ' skeletons have visibilities other than 0, 1 and 2'
    ) as what,
    'visibility is not COCO''s' as cause,
    'info' as severity,
    other_documents.unknown_count as labels,
    null::bigint as keypoint_count
from other_documents
inner join documents on documents.document_key = other_documents.document_key
union all
select
    labels.project,
    labels.document_id,
    labels.document_key,
    labels.image_key,
    labels.position as annotation_position,
    labels.label_id,
    case flawed.cause
        when 'visibility neither 0, 1 nor 2' then concat(
            flawed.unknown_count, ' of ', flawed.keypoint_count,
            if(flawed.unknown_count = 1, ' keypoints has', ' keypoints have'), ' a visibility other than 0, 1 and 2'
        )
        when 'labelled keypoint at 0, 0'
            then concat(
                flawed.zero_count, ' of ', flawed.labelled_count,
                if(flawed.zero_count = 1, ' labelled keypoints lies', ' labelled keypoints lie'), ' at 0, 0'
            )
        when 'keypoints on one place' then concat(
            flawed.same_place_count, ' of ', flawed.labelled_count, ' labelled keypoints lie on one place'
        )
        else concat(
            'a keypoint lies ', round(flawed.outside_px, 1), ' px outside an image of ', labels.width, ' x ',
            labels.height
        )
    end as what,
    flawed.cause,
    'warning' as severity,
    null::bigint as labels,
    flawed.keypoint_count
from flawed
anti join other_documents
    on other_documents.document_key = flawed.document_key
    and flawed.cause = 'visibility neither 0, 1 nor 2'
inner join labels
    on labels.document_key = flawed.document_key and labels.position = flawed.annotation_position
where flawed.cause is not null
order by document_key, annotation_position;
