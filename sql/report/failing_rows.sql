-- Rows that fail each check: the worst severity first, then new ones, then by turns from different documents.
-- grain: open finding, at most some of each check
-- columns: check_name, severity, cause, project, what, is_new (the last run saw it first, and was not the first run),
--   row_count (failing rows that it stands for), document_id, document_title, image_key, file_name (of the image),
--   frame (of the image), label_id, category_name, document_key, position (of the label, null if it is about no
--   single label), shape, rotation, width (of the image, pixels), height, bbox_x, bbox_y, bbox_w, bbox_h
-- parameters: project (null for all), each (rows of each check at most)
with runs as (
    select
        check_results.check_name,
        coalesce(check_results.project, '') as project_key,
        max(check_results.checked_at) as checked_at,
        min(check_results.checked_at) as first_checked_at
    from check_results
    group by check_results.check_name, coalesce(check_results.project, '')
),

open_findings as (
    select
        findings.*,
        coalesce(findings.first_seen_at >= runs.checked_at and runs.checked_at > runs.first_checked_at, false)
            as is_new,
        list_position(['error', 'warning', 'info'], findings.severity) as badness,
        row_number() over (
            partition by findings.check_name, findings.project, findings.document_id, findings.severity
            order by findings.image_key, findings.finding_id
        ) as turn
    from findings
    left join runs
        on runs.check_name = findings.check_name and runs.project_key = coalesce(findings.project, '')
    where findings.status = 'open' and ($project is null or findings.project = $project)
),

chosen as (
    select
        open_findings.*,
        row_number() over (
            partition by open_findings.check_name
            order by
                open_findings.badness,
                not open_findings.is_new,
                open_findings.turn,
                open_findings.project,
                open_findings.document_id,
                open_findings.finding_id
        ) as rank
    from open_findings
    qualify rank <= $each
),

current_documents as (
    select documents.project, documents.document_id, documents.document_key, documents.title
    from documents
    where (documents.project, documents.document_id) in (select (project, document_id) from chosen)
),

shown_images as (
    select images.*
    from images
    inner join current_documents on current_documents.document_key = images.document_key
    where (images.document_key, images.image_key) in (
        select (current_documents.document_key, chosen.image_key)
        from chosen
        inner join current_documents
            on current_documents.project = chosen.project
            and current_documents.document_id = chosen.document_id
    )
    qualify
        row_number() over (
            partition by images.document_key, images.image_key order by images.position
        ) = 1
),

shown_labels as (
    select labels.*
    from labels
    where (labels.project, labels.document_id, labels.image_key, labels.label_id) in (
        select (project, document_id, image_key, label_id) from chosen
    )
    qualify
        row_number() over (
            partition by labels.document_key, labels.image_key, labels.label_id order by labels.position
        ) = 1
)

select
    chosen.check_name,
    chosen.severity,
    chosen.cause,
    chosen.project,
    chosen.what,
    chosen.is_new,
    chosen.row_count,
    chosen.document_id,
    current_documents.title as document_title,
    chosen.image_key,
    shown_images.file_name,
    shown_images.frame,
    chosen.label_id,
    coalesce(shown_labels.category_name, chosen.category_name) as category_name,
    shown_labels.document_key,
    shown_labels.position,
    shown_labels.shape,
    shown_labels.rotation,
    shown_images.width,
    shown_images.height,
    shown_labels.bbox_x,
    shown_labels.bbox_y,
    shown_labels.bbox_w,
    shown_labels.bbox_h
from chosen
left join current_documents
    on current_documents.project = chosen.project and current_documents.document_id = chosen.document_id
left join shown_images
    on shown_images.document_key = current_documents.document_key and shown_images.image_key = chosen.image_key
left join shown_labels
    on shown_labels.document_key = current_documents.document_key
    and shown_labels.image_key = chosen.image_key
    and shown_labels.label_id = chosen.label_id
order by chosen.check_name, chosen.rank;
