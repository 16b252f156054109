-- Documents, images, classes and projects that lost many labels in a night of the last thirty days, and still lack
-- them.
-- grain: document, image, class of a project, or project
-- columns: project, document_id, document_key, image_key, annotation_position, label_id (identity of the
--   label within the image), what (in words), cause, labels (labels lost), category_name (the class that lost them),
--   night (day of the loss, UTC), ingest_id (ingest with the greatest part of the loss), before_count (labels before
--   the loss), left_count (labels that are left)
-- severity: error
-- explanation: Work was lost, or an export was cut short. The check compares with the labels before each ingest and
--   before each night, and reports a loss until the labels are back, there or on the same image of another
--   document. A document lost many if it lacks 10 and 20 % of its labels; a project, 10 and 10 %, in two documents
--   and more; an image, 10 and 50 %; a class, 10 and 30 %, and 20 points more than its project. Losing all, three
--   labels are enough for a document or a class, and five images that are a tenth of the document's. What a row of
--   the document tells is not told again for its images.
with projects as (
    select ingests.project, max(ingests.started_at) - interval 30 days as since
    from ingests
    where ingests.status in ('committed', 'unchanged')
    group by ingests.project
),

losing as (
    select distinct label_changes.project
    from label_changes
    inner join projects on projects.project = label_changes.project and label_changes.changed_at >= projects.since
    where label_changes.change = 'removed'
),

changes as (
    select
        label_changes.project,
        label_changes.document_id,
        label_changes.image_key,
        label_changes.category,
        label_changes.ingest_number,
        label_changes.ingest_id,
        label_changes.changed_at::date as night,
        if(label_changes.change = 'removed', -1, 1) as step
    from label_changes
    inner join projects on projects.project = label_changes.project and label_changes.changed_at >= projects.since
    where
        label_changes.change in ('added', 'removed')
        and label_changes.project in (select losing.project from losing)
),

-- a label that changed its class is not lost, but it counts in the class's labels.
reclassified as (
    select
        label_changes.project,
        label_changes.ingest_number,
        label_changes.ingest_id,
        label_changes.changed_at::date as night,
        unnest([label_changes.category, json_extract_string(label_changes.before, '$.category')]) as category,
        unnest([1, -1]) as step
    from label_changes
    inner join projects on projects.project = label_changes.project and label_changes.changed_at >= projects.since
    where
        label_changes.change = 'changed'
        and list_contains(label_changes.fields, 'category')
        and label_changes.project in (select losing.project from losing)
),

-- a unit is a document, an image, a class or a project: what does not apply is an empty text.
steps as (
    select
        changes.project,
        'document' as unit,
        changes.document_id,
        '' as image_key,
        '' as category,
        changes.ingest_number,
        any_value(changes.ingest_id) as ingest_id,
        any_value(changes.night) as night,
        sum(changes.step)::bigint as step,
        sum(changes.step)::bigint as loss
    from changes
    group by changes.project, changes.document_id, changes.ingest_number
    union all
    select
        changes.project,
        'image',
        changes.document_id,
        changes.image_key,
        '',
        changes.ingest_number,
        any_value(changes.ingest_id),
        any_value(changes.night),
        sum(changes.step)::bigint,
        sum(changes.step)::bigint
    from changes
    where changes.image_key is not null
    group by changes.project, changes.document_id, changes.image_key, changes.ingest_number
    union all
    select
        moves.project,
        'class',
        '',
        '',
        moves.category,
        moves.ingest_number,
        any_value(moves.ingest_id),
        any_value(moves.night),
        sum(moves.step)::bigint,
        sum(moves.loss)::bigint
    from (
        select changes.project, changes.category, changes.ingest_number, changes.ingest_id, changes.night, changes.step, changes.step as loss
        from changes
        union all
        select
            reclassified.project,
            reclassified.category,
            reclassified.ingest_number,
            reclassified.ingest_id,
            reclassified.night,
            reclassified.step,
            0
        from reclassified
    ) as moves
    where moves.category is not null
    group by moves.project, moves.category, moves.ingest_number
    union all
    select
        changes.project,
        'project',
        '',
        '',
        '',
        changes.ingest_number,
        any_value(changes.ingest_id),
        any_value(changes.night),
        sum(changes.step)::bigint,
        sum(changes.step)::bigint
    from changes
    group by changes.project, changes.ingest_number
),

losing_units as (
    select distinct steps.project, steps.unit, steps.document_id, steps.image_key, steps.category
    from steps
    where steps.loss < 0
),

first_images as (
    select images.document_key, images.image_id, arg_min(images.image_key, images.position) as image_key
    from images
    where images.document_key in (
        select documents.document_key
        from documents
        where documents.project in (select losing.project from losing)
    )
    group by images.document_key, images.image_id
),

named as (
    select
        categories.category_set,
        categories.category_id,
        arg_min(categories.name, categories.position) as category_name
    from categories
    group by categories.category_set, categories.category_id
),

present as (
    select
        documents.project,
        documents.document_id,
        first_images.image_key,
        named.category_name as category,
        sum(counts.label_count)::bigint as label_count
    from (
        select
            annotations.document_key,
            annotations.image_id,
            annotations.category_id,
            count(*) as label_count
        from annotations
        where annotations.document_key in (
            select documents.document_key
            from documents
            where documents.project in (select losing.project from losing)
        )
        group by annotations.document_key, annotations.image_id, annotations.category_id
    ) as counts
    inner join documents on documents.document_key = counts.document_key
    left join first_images
        on first_images.document_key = counts.document_key and first_images.image_id = counts.image_id
    left join named
        on named.category_set = documents.category_set and named.category_id = counts.category_id
    group by documents.project, documents.document_id, first_images.image_key, named.category_name
),

left_labels as (
    select present.project, 'document' as unit, present.document_id, '' as image_key, '' as category, sum(present.label_count)::bigint as left_count
    from present
    group by present.project, present.document_id
    union all
    select present.project, 'image', present.document_id, present.image_key, '', sum(present.label_count)::bigint
    from present
    where present.image_key is not null
    group by present.project, present.document_id, present.image_key
    union all
    select present.project, 'class', '', '', present.category, sum(present.label_count)::bigint
    from present
    where present.category is not null
    group by present.project, present.category
    union all
    select present.project, 'project', '', '', '', sum(present.label_count)::bigint
    from present
    group by present.project
),

series as (
    select
        steps.*,
        coalesce(left_labels.left_count, 0) as left_count,
        coalesce(left_labels.left_count, 0)
        - coalesce(sum(steps.step) over (
            partition by steps.project, steps.unit, steps.document_id, steps.image_key, steps.category
            order by steps.ingest_number desc
            rows between unbounded preceding and 1 preceding
        ), 0)::bigint as after_count
    from steps
    inner join losing_units
        on losing_units.project = steps.project
        and losing_units.unit = steps.unit
        and losing_units.document_id = steps.document_id
        and losing_units.image_key = steps.image_key
        and losing_units.category = steps.category
    left join left_labels
        on left_labels.project = steps.project
        and left_labels.unit = steps.unit
        and left_labels.document_id = steps.document_id
        and left_labels.image_key = steps.image_key
        and left_labels.category = steps.category
),

events as (
    select
        series.project,
        series.unit,
        series.document_id,
        series.image_key,
        series.category,
        series.night,
        series.ingest_number,
        series.ingest_id,
        series.after_count - series.step as before_count,
        -series.loss as loss,
        series.left_count
    from series
    union all
    select
        series.project,
        series.unit,
        series.document_id,
        series.image_key,
        series.category,
        series.night,
        min(series.ingest_number),
        arg_min(series.ingest_id, series.loss),
        arg_min(series.after_count - series.step, series.ingest_number),
        -sum(series.loss)::bigint,
        any_value(series.left_count)
    from series
    group by
        series.project, series.unit, series.document_id, series.image_key, series.category, series.night
    having count(*) > 1
),

back as (
    select
        gone.project,
        gone.document_id,
        count(*) as label_count
    from changes as added
    inner join (
        select distinct changes.project, changes.document_id, changes.image_key
        from changes
        where changes.step = -1
    ) as gone
        on gone.project = added.project
        and gone.image_key = added.image_key
        and gone.document_id <> added.document_id
    where added.step = 1
    group by gone.project, gone.document_id
),

open_events as (
    select
        events.* exclude (loss),
        events.before_count - events.left_count - if(
            events.unit = 'document', coalesce(back.label_count, 0), 0
        ) as lost_count,
        least(events.loss, lost_count) as sure_count
    from events
    left join back on back.project = events.project and back.document_id = events.document_id
    where events.loss > 0
    qualify
        row_number() over (
            partition by events.project, events.unit, events.document_id, events.image_key, events.category
            order by least(events.loss, lost_count) desc, events.ingest_number desc
        ) = 1
),

project_shares as (
    select
        open_events.project,
        open_events.sure_count / open_events.before_count as share
    from open_events
    where open_events.unit = 'project' and open_events.before_count > 0
),

document_losses as (
    select open_events.*
    from open_events
    where
        open_events.unit = 'document'
        and (
            (open_events.sure_count >= 10 and open_events.sure_count >= 0.2 * open_events.before_count)
            or (open_events.sure_count >= 3 and open_events.sure_count = open_events.before_count)
        )
),

image_losses as (
    select open_events.*
    from open_events
    anti join document_losses
        on document_losses.project = open_events.project
        and document_losses.document_id = open_events.document_id
    where open_events.unit = 'image'
),

empty_images as (
    select
        image_losses.project,
        image_losses.document_id,
        max(image_losses.night) as night,
        arg_max(image_losses.ingest_id, image_losses.ingest_number) as ingest_id,
        count(*) as image_count,
        sum(image_losses.before_count)::bigint as before_count
    from image_losses
    where image_losses.left_count = 0
    group by image_losses.project, image_losses.document_id
),

labelled_images as (
    select present.project, present.document_id, count(distinct present.image_key) as image_count
    from present
    group by present.project, present.document_id
),

image_documents as (
    select empty_images.*
    from empty_images
    left join labelled_images
        on labelled_images.project = empty_images.project
        and labelled_images.document_id = empty_images.document_id
    where
        empty_images.image_count >= 5
        and empty_images.image_count
        >= 0.1 * (empty_images.image_count + coalesce(labelled_images.image_count, 0))
),

findings as (
    select
        document_losses.project,
        document_losses.document_id,
        null::varchar as image_key,
        null::varchar as category_name,
        'a document' as name,
        'document lost labels' as cause,
        document_losses.night,
        document_losses.ingest_id,
        document_losses.sure_count,
        document_losses.before_count,
        document_losses.left_count
    from document_losses
    union all
    select
        image_documents.project,
        image_documents.document_id,
        null::varchar,
        null::varchar,
        counted(image_documents.image_count, 'image', 'images'),
        'images lost all labels',
        image_documents.night,
        image_documents.ingest_id,
        image_documents.before_count,
        image_documents.before_count,
        0
    from image_documents
    union all
    select
        image_losses.project,
        image_losses.document_id,
        image_losses.image_key,
        null::varchar,
        'an image',
        'image lost labels',
        image_losses.night,
        image_losses.ingest_id,
        image_losses.sure_count,
        image_losses.before_count,
        image_losses.left_count
    from image_losses
    anti join image_documents
        on image_documents.project = image_losses.project
        and image_documents.document_id = image_losses.document_id
        and image_losses.left_count = 0
    where
        image_losses.sure_count >= 10 and image_losses.sure_count >= 0.5 * image_losses.before_count
    union all
    select
        open_events.project,
        null::varchar,
        null::varchar,
        open_events.category,
        concat('the class ', open_events.category),
        if(open_events.left_count = 0, 'class lost', 'class lost labels'),
        open_events.night,
        open_events.ingest_id,
        open_events.sure_count,
        open_events.before_count,
        open_events.left_count
    from open_events
    left join project_shares on project_shares.project = open_events.project
    where
        open_events.unit = 'class'
        and open_events.sure_count >= (coalesce(project_shares.share, 0) + 0.2) * open_events.before_count
        and (
            (open_events.sure_count >= 10 and open_events.sure_count >= 0.3 * open_events.before_count)
            or (open_events.sure_count >= 3 and open_events.sure_count = open_events.before_count)
        )
    union all
    select
        open_events.project,
        null::varchar,
        null::varchar,
        null::varchar,
        'the project',
        'project lost labels',
        open_events.night,
        open_events.ingest_id,
        open_events.sure_count,
        open_events.before_count,
        open_events.left_count
    from open_events
    where
        open_events.unit = 'project'
        and open_events.sure_count >= 10
        and open_events.sure_count >= 0.1 * open_events.before_count
        and (
            select count(*)
            from open_events as parts
            where parts.unit = 'document' and parts.project = open_events.project and parts.sure_count > 0
        ) > 1
)

select
    findings.project,
    findings.document_id,
    documents.document_key,
    findings.image_key,
    null::bigint as annotation_position,
    null::varchar as label_id,
    concat(
        findings.name, ' lost ', findings.sure_count, ' of ', counted(findings.before_count, 'label', 'labels'), ' on ',
        findings.night, ', and has ', findings.left_count
    ) as what,
    findings.cause,
    findings.sure_count as labels,
    findings.category_name,
    findings.night,
    findings.ingest_id,
    findings.before_count,
    findings.left_count
from findings
left join documents
    on documents.project = findings.project and documents.document_id = findings.document_id
order by findings.project, findings.document_id, findings.image_key, findings.category_name;
