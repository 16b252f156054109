-- Classes with very few labels in a project of many.
-- grain: project
-- columns: project, document_id, document_key, image_key, annotation_position, label_id (identity of the
--   label within the image), what (in words), labels, class_count (classes with fewer than 10 labels), categories
--   (their names, the rarest first)
-- severity: info
-- explanation: A model learns little from fewer than 10 labels, and a split may have none. The project has at least
--   1,000 labels: in a smaller one every class is small. Classes without any label are in unused_categories.
with counts as (
    select annotations.document_key, annotations.category_id, count(*) as label_count
    from annotations
    where annotations.category_id is not null
    group by annotations.document_key, annotations.category_id
),

named as (
    select
        categories.category_set,
        categories.category_id,
        arg_min(categories.name, categories.position) as category_name
    from categories
    group by categories.category_set, categories.category_id
),

classes as (
    select documents.project, named.category_name, sum(counts.label_count)::bigint as label_count
    from counts
    inner join documents on documents.document_key = counts.document_key
    inner join named
        on named.category_set = documents.category_set and named.category_id = counts.category_id
    group by documents.project, named.category_name
),

projects as (
    select
        classes.project,
        count(*) filter (where classes.label_count < 10) as class_count,
        (sum(classes.label_count) filter (where classes.label_count < 10))::bigint as label_count,
        list(classes.category_name order by classes.label_count, classes.category_name)
            filter (where classes.label_count < 10) as categories
    from classes
    group by classes.project
    having sum(classes.label_count) >= 1000 and count(*) filter (where classes.label_count < 10) > 0
)

select
    projects.project,
    null::varchar as document_id,
    null::bigint as document_key,
    null::varchar as image_key,
    null::bigint as annotation_position,
    null::varchar as label_id,
    concat(
        counted(projects.class_count, 'class has', 'classes have'), ' fewer than 10 labels: ',
        array_to_string(projects.categories[1:5], ', '),
        if(projects.class_count > 5, ', ...', '')
    ) as what,
    projects.label_count as labels,
    projects.class_count,
    projects.categories
from projects
order by projects.project;
