"""What each chart has to show, asked of the warehouse: by the name of the chart, rows in any order."""

_GROUPED = """
    with sizes as (
        select project, category_name, count(*) as label_count from labels group by all
    ),
    kept as (
        select
            project,
            category_name,
            (
                select count(*) from sizes as larger
                where
                    larger.project = sizes.project
                    and (
                        larger.label_count > sizes.label_count
                        or larger.label_count = sizes.label_count
                        and larger.category_name < sizes.category_name
                    )
            ) < 20 as is_kept
        from sizes
    ),
    grouped as (
        select labels.*, if(is_kept, category_name, 'other classes') as class_group
        from labels inner join kept using (project, category_name)
    )
"""
_DOCUMENT = """
    coalesce(
        nullif(documents.title, ''),
        (
            select nullif(split_part(images.file_name, '/', -1), '') from images
            where images.document_key = documents.document_key order by images.position limit 1
        ),
        documents.document_id
    )
"""
_LATER = """
    with first_nights as (
        select project, min(changed_at)::date as first_night, max(changed_at)::date as last_night
        from label_changes group by project
    ),
    later as (
        select label_changes.*, changed_at::date as night, changed_at::date = last_night as is_last
        from label_changes inner join first_nights using (project)
        where changed_at::date > first_night
    )
"""
"""Changes after the first night of their project; the last load of each project changes something."""
_COUNTS = """
    count(*) filter (where change = 'added'),
    count(*) filter (where change = 'changed'),
    count(*) filter (where change = 'removed')
"""
LABEL_HEALTH = {
    "Errors": "select count(*) from finding_log where mended_at is null and severity = 'error'",
    "Warnings": "select count(*) from finding_log where mended_at is null and severity = 'warning'",
    "New": """
        with runs as (
            select
                check_name, project, max(checked_at) as checked_at,
                max(checked_at) > min(checked_at) as is_repeated
            from check_results group by all
        )
        select count(*) from finding_log inner join runs using (check_name, project)
        where mended_at is null and is_repeated and first_seen_at >= checked_at
    """,
    "What is wrong": f"""
        select
            severity, what, category_name, {_DOCUMENT}, image_key, label_id, finding_log.project,
            check_name, first_seen_at::timestamp
        from finding_log left join documents using (project, document_id)
        where mended_at is null
    """,
    "Causes": """
        select coalesce(cause, replace(check_name, '_', ' ')) as words, count(*)
        from finding_log where mended_at is null group by words order by 2 desc limit 20
    """,
    "Classes": "select category_name, project, count(*) from labels group by all",
    "Labels per class": f"""
        {_GROUPED}
        select
            class_group,
            count(*) filter (where manual_annotation),
            count(*) filter (where not manual_annotation),
            count(*) filter (where manual_annotation is null)
        from grouped group by class_group order by count(*) desc limit 21
    """,
    "Box sizes per class": f"""
        {_GROUPED}
        select
            class_group,
            count(*) filter (where bbox_w * bbox_h > 0 and bbox_w * bbox_h < 1024),
            count(*) filter (where bbox_w * bbox_h >= 1024 and bbox_w * bbox_h < 9216),
            count(*) filter (where bbox_w * bbox_h >= 9216),
            count(*) filter (where bbox_w * bbox_h = 0)
        from grouped group by class_group order by count(*) desc limit 21
    """,
    "Automation per class": f"""
        {_GROUPED}
        select class_group, avg((not manual_annotation)::integer)
        from grouped group by class_group having count(*) filter (where not manual_annotation) > 0
    """,
    "Open questions": """
        with classes as (select project, category_name, count(*) as label_count from labels group by all)
        select
            name, category_name, project, any_value(label_count) - count(value),
            count(value) / any_value(label_count)
        from attributes
        inner join labels
            on labels.document_key = attributes.document_key
            and labels.position = attributes.annotation_position
        inner join classes using (project, category_name)
        group by all
    """,
    "Documents with unlabelled images": f"""
        select {_DOCUMENT} as document, documents.project, count(*)
        from images inner join documents using (document_key)
        where (document_key, image_id) not in (select (document_key, image_id) from annotations)
        group by all
    """,
    "Labels": "select count(*) from labels",
    "Images": "select count(*) from images",
    "Documents": "select count(*) from documents",
    "Labels/image": "select (select count(*) from annotations) / (select count(*) from images)",
    "Unlabelled": """
        select 1 - count(distinct (document_key, image_id)) / (select count(*) from images)
        from annotations
    """,
    "Automated": "select avg((not manual_annotation)::integer) from annotations",
    "Shapes": "select supercategory, count(*) from labels group by all",
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
        select attributes.name, labels.category_name, attributes.value, count(*)
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
}

ANNOTATION_OPERATIONS = {
    "Rejected": """
        with nights as (select project, max(started_at)::date as night from ingests group by project)
        select count(*) from ingests inner join nights using (project)
        where started_at::date = night and status = 'rejected'
    """,
    "Added": f"{_LATER} select count(*) from later where is_last and change = 'added'",
    "Removed": f"{_LATER} select count(*) from later where is_last and change = 'removed'",
    "Changed": f"{_LATER} select count(*) from later where is_last and change = 'changed'",
    "What the last night changed": f"""
        {_LATER}
        select
            project, category, count(*), count(*) filter (where change = 'added'),
            count(*) filter (where change = 'removed'), count(*) filter (where change = 'changed')
        from later where is_last group by all
    """,
    "Label changes per night": f"{_LATER} select night::varchar, {_COUNTS} from later group by night",
    "Label changes per class": f"{_LATER} select category, {_COUNTS} from later group by category",
    "First loads": """
        select project, min(changed_at)::date::varchar, count(*)
        from label_changes
        where (project, changed_at::date) in (
            select (project, min(changed_at)::date) from label_changes group by project
        )
        group by project
    """,
    "Growth": """
        with nights as (
            select
                project,
                changed_at::date as night,
                sum(case change when 'added' then 1 when 'removed' then -1 else 0 end) as difference
            from label_changes group by all
        ),
        held as (
            select project, night, sum(difference) over (partition by project order by night) as labels
            from nights
        )
        select
            night::varchar, project, labels / first(labels) over (partition by project order by night) - 1
        from held
    """,
    "Automation": """
        select
            night::varchar, project, sum(automated_count) / nullif(sum(manual_count + automated_count), 0)
        from automation_trend group by all
    """,
    "Class drift": "select night::varchar, project, psi from class_drift",
    "New and mended findings": """
        with firsts as (
            select project, min(first_seen_at)::date as first_night from finding_log group by project
        ),
        log as (select * from finding_log inner join firsts using (project)),
        nights as (
            select project, checked_at::date as night from check_results
            union select project, first_seen_at::date from finding_log
            union select project, mended_at::date from finding_log where mended_at is not null
        )
        select
            night::varchar,
            (select count(*) from log where first_seen_at::date = night and night > first_night) as new,
            (select count(*) from log where mended_at::date = night and night > first_night) as mended
        from nights inner join firsts using (project)
        where night > first_night
        group by night
        having new + mended > 0
    """,
    "Open findings": """
        with nights as (
            select checked_at::date as night from check_results
            union select first_seen_at::date from finding_log
            union select mended_at::date from finding_log where mended_at is not null
        )
        select
            night::varchar,
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
        group by night, severity
    """,
    "Documents per night": """
        with firsts as (
            select project, min(started_at)::date as first_night from ingests group by project
        )
        select
            started_at::date::varchar,
            coalesce(sum(documents_added), 0),
            coalesce(sum(documents_changed), 0),
            coalesce(sum(documents_removed), 0)
        from ingests inner join firsts using (project)
        where started_at::date > first_night group by 1
    """,
    "Loads per night": "select started_at::date::varchar, status, count(*) from ingests group by all",
    "Quarantined and doubtful": """
        with firsts as (
            select project, min(started_at)::date as first_night from ingests group by project
        )
        select started_at::date::varchar, coalesce(sum(quarantined), 0), coalesce(sum(issues), 0)
        from ingests inner join firsts using (project)
        where started_at::date > first_night group by 1
    """,
    "Documents that change most": f"""
        {_LATER}
        select coalesce({_DOCUMENT}, later.document_id) as document, later.project, count(*)
        from later left join documents using (project, document_id)
        group by all
    """,
    "Quarantined": "select sum(quarantined) from ingests",
    "Failed loads": "select count(*) from ingests where status = 'rejected'",
    "What changes in labels": """
        select field, count(*)
        from (select unnest(fields) as field from label_changes where change = 'changed')
        group by field
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
