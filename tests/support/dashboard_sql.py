"""What each chart has to show, asked of the warehouse: by the name of the chart, rows in any order."""

LABEL_HEALTH = {
    "Labels": "select count(*) from labels",
    "Images": "select count(*) from images",
    "Documents": "select count(*) from documents",
    "Labels per image": "select (select count(*) from annotations) / (select count(*) from images)",
    "Unlabelled images": """
        select 1 - count(distinct (document_key, image_id)) / (select count(*) from images)
        from annotations
    """,
    "Automated labels": "select avg((not manual_annotation)::integer) from annotations",
    "Labels per class": """
        select category_name, if(manual_annotation, 'by hand', 'by automation'), count(*)
        from labels group by all
    """,
    "Shapes": "select supercategory, count(*) from labels group by all",
    "Box sizes per class": """
        select
            category_name,
            case
                when bbox_w * bbox_h = 0 then 'no extent'
                when bbox_w * bbox_h < 1024 then 'small'
                when bbox_w * bbox_h < 9216 then 'medium'
                else 'large'
            end as size,
            count(*)
        from labels group by all
    """,
    "Where boxes lie": """
        with counted as (
            select
                least(floor((bbox_x + bbox_w / 2) / width * 20), 19) as x,
                least(floor((1 - (bbox_y + bbox_h / 2) / height) * 20), 19) as y,
                count(*) as label_count
            from labels
            where bbox_x + bbox_w / 2 between 0 and width and bbox_y + bbox_h / 2 between 0 and height
            group by all
        )
        from counted
        union all
        -- The chart has all columns and rows of the grid, those without a box too.
        select range, range, null from range(20) where (range, range) not in (select (x, y) from counted)
    """,
    "Automation per class": """
        select category_name, avg((not manual_annotation)::integer) from labels group by all
    """,
    "Attributes answered": """
        with classes as (select project, category_name, count(*) as label_count from labels group by all),
        answers as (
            select
                labels.project, labels.category_name, attributes.name, count(attributes.value) as answered
            from attributes
            inner join labels
                on labels.document_key = attributes.document_key
                and labels.position = attributes.annotation_position
            group by all
        )
        select name, sum(answered) / sum(label_count)
        from answers inner join classes using (project, category_name)
        group by name
    """,
    "Images by number of labels": """
        with counted as (
            select images.document_key, images.position, count(annotations.position) as label_count
            from images
            left join annotations using (document_key, image_id)
            group by all
        )
        select if(label_count < 20, format('{:02d}', label_count), '20+') as label_count, count(*)
        from counted group by 1
    """,
    "Keypoints": """
        select
            labels.category_name || ' #' || keypoints.keypoint_index,
            count(*) filter (where keypoints.visibility = 2),
            count(*) filter (where keypoints.visibility = 1),
            count(*) filter (where keypoints.visibility = 0)
        from keypoints
        inner join labels
            on labels.document_key = keypoints.document_key
            and labels.position = keypoints.annotation_position
        group by 1
    """,
    "Answers": """
        select labels.category_name, attributes.name, attributes.value, count(*)
        from attributes
        inner join labels
            on labels.document_key = attributes.document_key
            and labels.position = attributes.annotation_position
        group by all
    """,
    "Tracks": """
        with numbered as (
            select
                document_key, frame, row_number() over (partition by document_key order by frame) as number
            from (select distinct document_key, frame from images where frame is not null)
        ),
        tracks as (
            select
                project,
                document_id,
                encord_track_uuid,
                arg_min(category_name, frame) as category_name,
                count(distinct frame) as images,
                max(number) - min(number) + 1 > count(distinct number) as has_gap,
                count(distinct category_name) > 1 as has_switch
            from labels inner join numbered using (document_key, frame)
            where encord_track_uuid is not null
            group by all
        )
        select
            project, category_name, count(*), max(images), sum(has_gap::integer), sum(has_switch::integer)
        from tracks group by project, category_name
    """,
    "Failing checks": """
        select severity, check_name, project, arg_max(failing_count, checked_at) as findings
        from check_results
        group by all
        having findings > 0
    """,
    "Causes of findings": """
        select
            severity,
            check_name,
            coalesce(cause, replace(check_name, '_', ' ')),
            project,
            case count(distinct document_id)
                when 1 then any_value(document_id) else count(distinct document_id) || ' documents'
            end,
            count(*),
            if(
                sum(label_count) > 0,
                sum(label_count) / (
                    select sum(annotation_count) from documents
                    where documents.project = finding_log.project
                ),
                null
            ),
            arg_min(
                concat_ws(
                    ' ',
                    if(starts_with(image_key, document_id), null, document_id),
                    image_key,
                    label_id || ':',
                    what
                ),
                finding_id
            ),
            max(first_seen_at)::timestamp
        from finding_log
        where mended_at is null
        group by severity, check_name, cause, project
    """,
    "Documents with unlabelled images": """
        select documents.project, documents.document_id, count(*)
        from images
        inner join documents using (document_key)
        where (document_key, image_id) not in (select (document_key, image_id) from annotations)
        group by all
    """,
}

ANNOTATION_OPERATIONS = {
    "Nights with loads": "select count(distinct started_at::date) from ingests",
    "Label changes": "select count(*) from label_changes",
    "Quarantined": "select sum(quarantined) from ingests",
    "Failed loads": "select count(*) from ingests where status = 'rejected'",
    "Label changes per night": "select changed_at::date, change, count(*) from label_changes group by all",
    "What changes in labels": """
        select field, count(*)
        from (select unnest(fields) as field from label_changes where change = 'changed')
        group by field
    """,
    "Labels held": """
        with nights as (
            select
                project,
                changed_at::date as night,
                sum(case change when 'added' then 1 when 'removed' then -1 else 0 end) as difference
            from label_changes group by all
        )
        select night, project, sum(difference) over (partition by project order by night) from nights
    """,
    "Automation": """
        select night, project, sum(automated_count) / sum(manual_count + automated_count)
        from automation_trend group by all
    """,
    "Label changes per class": "select category, change, count(*) from label_changes group by all",
    "Findings of checks per night": """
        select checked_at::date, severity, sum(failing_count) from check_results group by all
    """,
    "New and mended findings": """
        with nights as (
            select checked_at::date as night from check_results
            union select first_seen_at::date from finding_log
            union select mended_at::date from finding_log where mended_at is not null
        )
        select
            night,
            (select count(*) from finding_log where first_seen_at::date = night),
            (select count(*) from finding_log where mended_at::date = night)
        from nights
        where night >= (select min(first_seen_at)::date from finding_log)
    """,
    "Open findings": """
        with nights as (
            select checked_at::date as night from check_results
            union select first_seen_at::date from finding_log
            union select mended_at::date from finding_log where mended_at is not null
        )
        select
            night,
            severity,
            count(*) filter (
                where first_seen_at::date <= night and coalesce(mended_at::date > night, true)
            )
        from nights
        inner join finding_log as log on true
        where night >= (
            select min(earlier.first_seen_at)::date from finding_log as earlier
            where earlier.severity = log.severity
        )
        group by all
    """,
    "Class drift": "select night, project, psi from class_drift",
    "Documents per night": """
        select
            started_at::date,
            coalesce(sum(documents_added), 0),
            coalesce(sum(documents_changed), 0),
            coalesce(sum(documents_removed), 0)
        from ingests group by 1
    """,
    "Loads per night": "select started_at::date, status, count(*) from ingests group by all",
    "Quarantined and doubtful": """
        select started_at::date, coalesce(sum(quarantined), 0), coalesce(sum(issues), 0)
        from ingests group by 1
    """,
    "Documents that change most": """
        select project, document_id, count(*) from label_changes group by all
    """,
    "Last loads": """
        select
            started_at::timestamp,
            project,
            status,
            coalesce(seconds, epoch(finished_at - started_at)),
            documents_added,
            documents_changed,
            quarantined,
            error_code
        from ingests
    """,
}
