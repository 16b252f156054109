-- Categories that no label of their project has, and no segment of a panoptic label.
-- grain: category of a project that had labels; the others of a project together
-- columns: project, document_id, document_key, image_key, annotation_position, label_id (identity of the
--   label within the image), what (in words), cause, severity, labels (0), category_name (name of the category; null
--   for several), supercategory, category_count (categories without labels)
-- severity: warning
-- explanation: A category that had labels within the last thirty days and lost all is a warning, unless its labels
--   became another class. The others are info, one row a project: annotators forgot the class, or a part of an
--   ontology is in use. The root that some tools write, with id 0 and the supercategory "none", does
--   not count.
with defined as (
    select distinct documents.project, documents.category_set
    from documents
),

used as (
    select distinct documents.project, categories.name, categories.supercategory
    from (select distinct document_key, category_id from annotations) as pairs
    inner join documents on documents.document_key = pairs.document_key
    inner join categories
        on categories.category_set = documents.category_set and categories.category_id = pairs.category_id

    union

    select segments.project, segments.category_name, segments.supercategory
    from segments
),

unused as (
    select
        defined.project,
        categories.name,
        categories.supercategory,
        bool_and(
            categories.category_id = 0
            and (categories.supercategory = 'none' or categories.supercategory is null)
            and categories.name in (select siblings.supercategory from categories as siblings where siblings.category_set = categories.category_set)
        ) as is_root
    from defined
    inner join categories on categories.category_set = defined.category_set
    anti join used
        on used.project = defined.project
        and used.name is not distinct from categories.name
        and used.supercategory is not distinct from categories.supercategory
    group by defined.project, categories.name, categories.supercategory
),

projects as (
    select ingests.project, max(ingests.started_at) - interval 30 days as since
    from ingests
    where ingests.status in ('committed', 'unchanged')
    group by ingests.project
),

emptied as (
    select label_changes.project, label_changes.category as name, count(*) as label_count
    from label_changes
    inner join projects on projects.project = label_changes.project and label_changes.changed_at >= projects.since
    where
        label_changes.change = 'removed'
        and (label_changes.project, label_changes.category) in (
            select (unused.project, unused.name) from unused
        )
    group by label_changes.project, label_changes.category
)

select
    unused.project,
    null::varchar as document_id,
    null::bigint as document_key,
    null::varchar as image_key,
    null::bigint as annotation_position,
    null::varchar as label_id,
    concat('no label is a ', unused.name, ' any more') as what,
    'class lost its last label' as cause,
    'warning' as severity,
    0::bigint as labels,
    unused.name as category_name,
    unused.supercategory,
    1::bigint as category_count
from unused
inner join emptied on emptied.project = unused.project and emptied.name = unused.name
where not unused.is_root
union all
select
    unused.project,
    null::varchar,
    null::bigint,
    null::varchar,
    null::bigint,
    null::varchar,
    concat(
        'no label is a ', array_to_string(list(unused.name order by unused.name)[1:5], ', '),
        if(count(*) > 5, concat(' and ', count(*) - 5, ' more'), '')
    ),
    'classes without labels',
    'info',
    0::bigint,
    null::varchar,
    null::varchar,
    count(*)
from unused
anti join emptied on emptied.project = unused.project and emptied.name = unused.name
where not unused.is_root
group by unused.project
order by project, category_name nulls last, supercategory;
