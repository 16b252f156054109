-- Which versions of the ontology do the documents have, and what did each change?
-- grain: project, category set of current documents
-- columns: project, category_set, first_night (first day on which a current document with the set was loaded,
--   UTC), last_night (last such day, UTC), document_count (documents that have it), category_count (classes in
--   it), new_categories (names that the version before lacks), gone_categories (names that only the version
--   before has)
-- parameters: project (project; default null: all)
with used as (
    select
        documents.project,
        documents.category_set,
        min(ingests.started_at)::date as first_night,
        max(ingests.started_at)::date as last_night,
        min(documents.document_key) as first_document_key,
        count(*) as document_count
    from documents
    inner join ingests on ingests.ingest_id = documents.ingest_id
    where $project is null or documents.project = $project
    group by documents.project, documents.category_set
),

named as (
    select
        categories.category_set,
        count(*) as category_count,
        list_sort(list(distinct categories.name)) as names
    from categories
    group by categories.category_set
),

ordered as (
    select
        used.*,
        coalesce(named.category_count, 0) as category_count,
        coalesce(named.names, []) as names,
        lag(coalesce(named.names, [])) over (
            partition by used.project order by used.first_document_key
        ) as names_before
    from used
    left join named on named.category_set = used.category_set
)

select
    ordered.project,
    ordered.category_set,
    ordered.first_night,
    ordered.last_night,
    ordered.document_count,
    ordered.category_count,
    list_filter(ordered.names, lambda name: not list_contains(coalesce(ordered.names_before, []), name))
        as new_categories,
    list_filter(coalesce(ordered.names_before, []), lambda name: not list_contains(ordered.names, name))
        as gone_categories
from ordered
order by ordered.project, ordered.first_document_key;
