-- Tracks that another object broke: twice on a frame, swapped with another, split in two, frozen or with a spike.
-- grain: label at which the track breaks
-- columns: project, document_id, document_key, image_key, annotation_position, label_id (identity of the
--   label within the image), what (in words), cause, track (the object: encord_track_uuid, else # and track_id),
--   video (that has the object), frame, other_track (the other object, or null)
-- severity: warning
-- explanation: Two tracks are swapped where each goes on from where the other was, nearer than from its own
--   place. A track is split where it ends and another of its class begins on its place (IoU above 0.5) within
--   three frames. A box has a spike if it differs from both neighbours, which agree, by more than 30 % of its
--   size. It is frozen if it stays the same to the last digit on five labelled frames or more of a track that
--   moves on nearly all others. A quick object may have a spike, and one that stands still
--   looks frozen. No swaps are looked for on a frame on which more than 100 labels jump.
with tracked as (
    select
        track_labels.document_key,
        track_labels.position,
        track_labels.video,
        track_labels.track,
        track_labels.category_id,
        track_labels.frame,
        track_labels.frame_number,
        track_labels.bbox_x as x,
        track_labels.bbox_y as y,
        track_labels.bbox_w as w,
        track_labels.bbox_h as h,
        hash(track_labels.document_key, track_labels.video, track_labels.track) as track_key,
        hash(track_labels.document_key, track_labels.video) as video_key
    from track_labels
),

-- a track of one label has nothing that could break, and there may be a million of them.
longer as (
    select tracked.track_key
    from tracked
    group by tracked.track_key
    having count(*) > 1
),

neighbours as (
    select
        tracked.*,
        lag(frame_number) over same_track as frame_before,
        lag(x) over same_track as x_before,
        lag(y) over same_track as y_before,
        lag(w) over same_track as w_before,
        lag(h) over same_track as h_before,
        lead(frame_number) over same_track as frame_after,
        lead(x) over same_track as x_after,
        lead(y) over same_track as y_after,
        lead(w) over same_track as w_after,
        lead(h) over same_track as h_after,
        row_number() over same_track as number
    from tracked
    semi join longer on longer.track_key = tracked.track_key
    window same_track as (partition by tracked.track_key order by frame_number, position)
),

measured as materialized (
    select
        neighbours.*,
        greatest(w, h, w_before, h_before, 1) as side,
        abs(x + w / 2 - x_before - w_before / 2)
        + abs(y + h / 2 - y_before - h_before / 2)
        + abs(w - w_before)
        + abs(h - h_before) as moved,
        abs(x - (x_before + x_after) / 2)
        + abs(y - (y_before + y_after) / 2)
        + abs(x + w - (x_before + w_before + x_after + w_after) / 2)
        + abs(y + h - (y_before + h_before + y_after + h_after) / 2) as off_line,
        abs(x_after - x_before)
        + abs(y_after - y_before)
        + abs(x_after + w_after - x_before - w_before)
        + abs(y_after + h_after - y_before - h_before) as neighbours_off,
        greatest(w_before, h_before, w_after, h_after) as side_of_neighbours
    from neighbours
),

repeated as (
    select measured.document_key, measured.position, 'object twice on a frame' as cause, null::varchar as other_track
    from measured
    where measured.frame_before = measured.frame_number
),

spikes as (
    select measured.document_key, measured.position, 'spike' as cause, null::varchar as other_track
    from measured
    where
        measured.frame_before < measured.frame_number
        and measured.frame_after > measured.frame_number
        and measured.frame_after - measured.frame_before <= 10
        and measured.off_line > 0.3 * 2 * measured.side_of_neighbours
        and measured.off_line > 3 * measured.neighbours_off
        and measured.off_line > 8
),

jumping as (
    select measured.*
    from measured
    where
        measured.frame_before < measured.frame_number
        and measured.moved > 0.2 * measured.side
    qualify
        count(*) over (partition by measured.video_key, measured.frame_number) <= 100
),

swaps as (
    select
        one.document_key,
        one.position,
        'swapped with another track' as cause,
        other.track as other_track
    from jumping as one
    inner join jumping as other
        on other.video_key = one.video_key
        and other.frame_number = one.frame_number
        and other.track > one.track
    where
        abs(one.x + one.w / 2 - other.x_before - other.w_before / 2)
        + abs(one.y + one.h / 2 - other.y_before - other.h_before / 2)
        + abs(one.w - other.w_before)
        + abs(one.h - other.h_before)
        < 0.5 * least(one.moved, other.moved)
        and abs(other.x + other.w / 2 - one.x_before - one.w_before / 2)
        + abs(other.y + other.h / 2 - one.y_before - one.h_before / 2)
        + abs(other.w - one.w_before)
        + abs(other.h - one.h_before)
        < 0.5 * least(one.moved, other.moved)
),

-- a run of equal boxes begins where the box differs from the one before.
runs as (
    select
        measured.*,
        count(*) filter (
            where (measured.x, measured.y, measured.w, measured.h)
            is distinct from (measured.x_before, measured.y_before, measured.w_before, measured.h_before)
        ) over (
            partition by measured.track_key order by measured.number
        ) as run
    from measured
    where measured.w > 0
),

run_lengths as (
    select
        runs.document_key,
        runs.track_key,
        runs.run,
        arg_min(runs.position, runs.number) as position,
        count(*) as label_count
    from runs
    group by runs.document_key, runs.track_key, runs.run
),

track_runs as (
    select
        run_lengths.*,
        sum(run_lengths.label_count) over same_track as label_total,
        count(*) filter (where run_lengths.label_count = 1) over same_track as moving_count
    from run_lengths
    window same_track as (partition by run_lengths.track_key)
),

frozen as (
    select track_runs.document_key, track_runs.position, 'frozen' as cause, null::varchar as other_track
    from track_runs
    where
        track_runs.label_count >= 5
        and track_runs.moving_count >= 3
        and track_runs.moving_count >= 0.7 * (track_runs.label_total - track_runs.label_count)
),


ends as (
    select measured.*, unnest([1, 2, 3]) as step
    from measured
    where measured.frame_after is null
),

splits as (
    select
        later.document_key,
        later.position,
        'split track' as cause,
        earlier.track as other_track,
        bbox_iou(earlier.x, earlier.y, earlier.w, earlier.h, later.x, later.y, later.w, later.h) as iou
    from (
        select measured.*
        from measured
        where measured.number = 1 and measured.frame_number > 1
    ) as later
    inner join ends as earlier
        on earlier.video_key = later.video_key
        and earlier.category_id is not distinct from later.category_id
        and earlier.frame_number + earlier.step = later.frame_number
        and earlier.track_key <> later.track_key
    where bbox_iou(earlier.x, earlier.y, earlier.w, earlier.h, later.x, later.y, later.w, later.h) > 0.5
    qualify
        row_number() over (
            partition by later.document_key, later.position
            order by iou desc, earlier.position
        ) = 1
),

findings as (
    from repeated
    union all
    from spikes
    union all
    from swaps
    union all
    from frozen
    union all
    select splits.document_key, splits.position, splits.cause, splits.other_track
    from splits
)

select
    labels.project,
    labels.document_id,
    labels.document_key,
    labels.image_key,
    labels.position as annotation_position,
    labels.label_id,
    case findings.cause
        when 'object twice on a frame' then concat('twice on frame ', measured.frame)
        when 'spike' then concat('the boxes before and after frame ', measured.frame, ' agree, and this one differs')
        when 'swapped with another track' then concat('swapped with ', findings.other_track, ' on frame ', measured.frame)
        when 'split track' then concat('begins on frame ', measured.frame, ' where ', findings.other_track, ' ended')
        else concat('the box does not move from frame ', measured.frame, ' on')
    end as what,
    findings.cause,
    measured.track,
    measured.video,
    measured.frame,
    findings.other_track
from findings
inner join measured
    on measured.document_key = findings.document_key and measured.position = findings.position
inner join labels on labels.document_key = findings.document_key and labels.position = findings.position
order by labels.document_key, labels.position, findings.cause;
