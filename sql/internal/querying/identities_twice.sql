-- Identities that two labels of one image share.
-- grain: document
-- columns: what
with hashed as (
    -- duckdb holds only numbers for the labels; it then compares the labels with equal numbers, usually none.
    select
        labels.document_key,
        hash(labels.project, labels.document_id, labels.image_key, labels.label_id) as identity
    from labels
),

suspects as (
    select unnest([min(hashed.document_key), max(hashed.document_key)]) as document_key
    from hashed
    group by hashed.identity
    having count(*) > 1
),

repeated as (
    select labels.project, labels.document_id, labels.image_key, labels.label_id
    from labels
    where labels.document_key in (select suspects.document_key from suspects)
    group by labels.project, labels.document_id, labels.image_key, labels.label_id
    having count(*) > 1
)

select
    concat(
        'project ', repeated.project, ', document ', repeated.document_id, ': ',
        counted(count(*), 'identity occurs', 'identities occur'), ' twice'
    ) as what
from repeated
group by repeated.project, repeated.document_id
order by what;
