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

_SPACE_TYPE = """json_extract_string(label_rows.extra, '$.spaces."' || space || '".space_type')"""
_MADE = f"""
    with made as (
        select
            project, document_id, title, 'label' as kind, category_name, image_key, label_id,
            coalesce({_SPACE_TYPE}, data_type) as modality,
            labels.created_at, labels.created_by, labels.last_edited_at, labels.last_edited_by,
            labels.confidence, labels.manual_annotation
        from labels
        inner join label_rows using (document_key)
        inner join documents using (project, document_id, document_key)
        union all by name
        select
            project, document_id, title, 'classification' as kind, name as category_name,
            classification_hash as label_id,
            coalesce(
                (
                    select any_value({_SPACE_TYPE})
                    from ranges
                    where
                        ranges.document_key = classifications.document_key
                        and ranges.owner = 'classification'
                        and ranges.owner_position = classifications.position
                ),
                data_type
            ) as modality,
            classifications.created_at, created_by, classifications.last_edited_at, last_edited_by,
            confidence, manual_annotation
        from classifications
        inner join label_rows using (document_key)
        inner join documents using (document_key)
    ),
    edited as (
        select * from made where last_edited_at > coalesce(created_at, timestamptz '0001-01-01')
    )
"""
"""Labels and classifications of label rows, from the tables themselves."""
_REVIEWED = "from label_work where reviewed_at is not null"
"""When a row was seen in review is what the view label_work says; tests of its questions count it."""
PEOPLE_AND_TIME = {
    "Persons": f"""
        {_MADE}
        select count(*) from (
            select created_by from made where created_by is not null
            union select last_edited_by from edited where last_edited_by is not null
        )
    """,
    "Created": f"{_MADE} select count(*) from made",
    "Edited": f"{_MADE} select count(*) from edited",
    "By hand": f"{_MADE} select avg(manual_annotation::integer) from made",
    "Rework": f"select count(rework) / count(*) {_REVIEWED}",
    "Open answers": "select count(*) from required_answers where not is_answered",
    "Created and edited per day": f"""
        {_MADE},
        days as (
            select created_at::date as day, 1 as created, 0 as edited from made
            union all select last_edited_at::date, 0, 1 from edited
        )
        select day::varchar, sum(created), sum(edited) from days where day is not null group by day
    """,
    "Label rows": """
        select
            project,
            if(
                count(label_rows.document_key) = 0,
                'No label rows: COCO tells no people, times or stages',
                'Label rows'
            ),
            count(label_rows.document_key)
        from documents left join label_rows using (document_key)
        group by project
    """,
    "Created and edited per person": f"""
        {_MADE},
        persons as (
            select created_by as person, 1 as created, 0 as edited from made
            union all select last_edited_by, 0, 1 from edited
        )
        select coalesce(person, 'unknown'), sum(created), sum(edited) from persons group by person
    """,
    "By hand per person": f"""
        {_MADE}
        select
            coalesce(created_by, 'unknown'), project, count(*), count(*) filter (where manual_annotation),
            count(*) filter (where not manual_annotation),
            count(*) filter (where manual_annotation is null),
            avg(manual_annotation::integer)
        from made group by created_by, project
    """,
    "Time to the last edit": f"""
        {_MADE}
        select
            made.category_name, made.kind, made.project, count(edited.kind), count(*),
            count(edited.kind) / count(*),
            median(epoch(edited.last_edited_at - edited.created_at) / 3600),
            quantile_cont(epoch(edited.last_edited_at - edited.created_at) / 3600, 0.9)
        from made
        left join edited
            on (made.project, made.document_id, made.kind, made.label_id, made.image_key)
            is not distinct from
            (edited.project, edited.document_id, edited.kind, edited.label_id, edited.image_key)
        group by all
    """,
    "Rework per class": f"""
        select
            category_name, kind, project, count(*), count(*) filter (where rework = 'edited'),
            count(*) filter (where rework = 'added'), count(rework) / count(*)
        {_REVIEWED} group by all
    """,
    "Reworked labels": f"""
        select
            if(rework = 'added' and not is_edited, created_at, last_edited_at)::timestamp, rework,
            coalesce(if(rework = 'added' and not is_edited, created_by, last_edited_by), 'unknown'),
            category_name, document_title, image_key, label_id, project
        {_REVIEWED} and rework is not null
    """,
    "Lowest confidence": f"""
        {_MADE}
        select
            confidence, category_name, coalesce(created_by, 'unknown'), title, image_key, label_id, project
        from made where confidence < 1
    """,
    "Stages per night": """
        select night::varchar, coalesce(workflow_stage, label_status), sum(row_count)
        from row_stages_by_night group by all
    """,
    "Stages and statuses": """
        select project, workflow_stage, label_status, task_status, count(*), sum(annotation_count)
        from label_rows inner join documents using (document_key)
        group by all
    """,
    "Required answers": """
        select
            category_name, name, project, count(*) filter (where not is_answered), count(*),
            avg(is_answered::integer)
        from required_answers group by all
    """,
    "Open required answers": """
        select
            name, category_name, coalesce(created_by, 'unknown'), document_title, object_hash, label_count,
            project
        from required_answers where not is_answered
    """,
    "Modalities": f"{_MADE} select modality, kind, count(*) from made group by all",
    "Classes by modality": f"""
        {_MADE} select modality, category_name, kind, count(*) from made group by all
    """,
    "Answers by modality": """
        select modality, category_name, name, value, sum(answer_count) from modality_answers group by all
    """,
}
