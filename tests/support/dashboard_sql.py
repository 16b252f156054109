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
            select labels.project, labels.category_name, attributes.name, count(attributes.value) as given
            from attributes
            inner join labels
                on labels.document_key = attributes.document_key
                and labels.position = attributes.annotation_position
            group by all
        )
        select name, sum(given) / sum(label_count)
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
        with tracks as (
            select
                project,
                document_id,
                encord_track_uuid,
                arg_min(category_name, frame) as category_name,
                count(distinct frame) as images,
                max(frame) - min(frame) + 1 > count(distinct frame) as has_gap,
                count(distinct category_name) > 1 as has_switch
            from labels group by all
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
            epoch(finished_at - started_at),
            documents_added,
            documents_changed,
            quarantined,
            error_code
        from ingests
    """,
}
