-- Classes of a project whose names differ in little: case, spaces, _ and -, or one letter.
-- grain: pair of category names of a project
-- columns: project, document_id, document_key, image_key, annotation_position, label_id (identity of the
--   label within the image), what (in words), cause, severity, labels (of the class with the fewer ones),
--   category_name (of the class with the fewer labels), other_category_name (of the other class)
-- severity: warning
-- explanation: One class under two names splits its labels, unless the project holds several sets that name it apart.
--   A name that a list of categories has twice, with one
--   supercategory, is reported too. It is info if one of the
--   two has no label, as in an ontology of which a part is in use. Names that differ by one letter, besides digits
--   and a plural s, are info; they have at least five letters, and one has at most a tenth of the other's labels.
with sets as (
    select distinct documents.project, documents.category_set
    from documents
),

label_counts as (
    select documents.project, documents.category_set, counts.category_id, sum(counts.label_count) as label_count
    from (
        select annotations.document_key, annotations.category_id, count(*) as label_count
        from annotations
        group by annotations.document_key, annotations.category_id
    ) as counts
    inner join documents on documents.document_key = counts.document_key
    group by documents.project, documents.category_set, counts.category_id
),

names as (
    select
        sets.project,
        categories.name,
        coalesce(categories.supercategory, '') as supercategory,
        sum(coalesce(label_counts.label_count, 0))::bigint as label_count
    from sets
    inner join categories on categories.category_set = sets.category_set
    left join label_counts
        on label_counts.project = sets.project
        and label_counts.category_set = sets.category_set
        and label_counts.category_id = categories.category_id
    where categories.name is not null
    group by sets.project, categories.name, coalesce(categories.supercategory, '')
),

plain_names as (
    select
        names.project,
        names.name,
        sum(names.label_count)::bigint as label_count,
        list_sort(list(names.supercategory)) as supercategories,
        lower(regexp_replace(names.name, '[\s_\-]+', '', 'g')) as plain
    from names
    group by names.project, names.name
),

-- two names are one letter apart if they agree once one letter of either is left out.
shortened as (
    select
        plain_names.project,
        plain_names.name,
        plain_names.label_count,
        plain_names.plain,
        place,
        concat(plain_names.plain[1:place - 1], plain_names.plain[place + 1:]) as rest
    from plain_names, unnest(range(1, least(len(plain_names.plain), 60) + 2)) as places (place)
    where len(plain_names.plain) >= 5
),

pairs as (
    select
        one.project,
        one.name,
        other.name as other_name,
        one.label_count,
        other.label_count as other_label_count,
        'names differ in case or spaces' as cause,
        if(one.label_count = 0, 'info', 'warning') as severity
    from plain_names as one
    inner join plain_names as other
        on other.project = one.project and other.plain = one.plain and other.name <> one.name
    where
        (one.label_count, one.name) < (other.label_count, other.name)
        and (
            -- an ontology of encord may give one object several shapes, each with a name of its own.
            list_has_any(one.supercategories, other.supercategories)
            or not list_has_any(
                one.supercategories,
                ['bounding_box', 'rotatable_bounding_box', 'polygon', 'polyline', 'bitmask', 'point', 'skeleton']
            )
        )

    union all

    select distinct
        one.project,
        one.name,
        other.name,
        one.label_count,
        other.label_count,
        'names differ by one letter',
        'info'
    from shortened as one
    inner join shortened as other
        on other.project = one.project and other.rest = one.rest and other.plain <> one.plain
    where
        one.label_count > 0
        and one.label_count <= 0.1 * other.label_count
        and one.name <> other.name
        and damerau_levenshtein(one.plain, other.plain) = 1
        and regexp_replace(one.plain, '[0-9]', '', 'g') <> regexp_replace(other.plain, '[0-9]', '', 'g')
        and rtrim(one.plain, 's') <> rtrim(other.plain, 's')
),

repeated as (
    select sets.project, categories.name, count(*) as category_count
    from sets
    inner join (
        select
            categories.category_set,
            categories.name,
            categories.supercategory,
            count(distinct categories.category_id) as id_count
        from categories
        where categories.name is not null
        group by categories.category_set, categories.name, categories.supercategory
        having id_count > 1
    ) as categories on categories.category_set = sets.category_set
    group by sets.project, categories.name
)

select
    findings.project,
    null::varchar as document_id,
    null::bigint as document_key,
    null::varchar as image_key,
    null::bigint as annotation_position,
    null::varchar as label_id,
    findings.what,
    findings.cause,
    findings.severity,
    findings.labels,
    findings.category_name,
    findings.other_category_name
from (
    select
        pairs.project,
        concat(
            '"', pairs.name, '" has ', counted(pairs.label_count, 'label', 'labels'), ', "', pairs.other_name, '" has ',
            pairs.other_label_count
        ) as what,
        pairs.cause,
        pairs.severity,
        pairs.label_count as labels,
        pairs.name as category_name,
        pairs.other_name as other_category_name
    from pairs
    union all
    select
        repeated.project,
        concat('"', repeated.name, '" is there with several ids'),
        'one name with several ids',
        'warning',
        0,
        repeated.name,
        repeated.name
    from repeated
) as findings
order by findings.project, findings.category_name, findings.other_category_name, findings.cause;
