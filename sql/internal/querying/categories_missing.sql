-- Documents whose category set is missing although labels name categories of it.
-- grain: category set
-- columns: what
with suspects as (
    select documents.document_key, documents.category_set
    from documents
    anti join categories on categories.category_set = documents.category_set
    where
        documents.document_key not in (
            select issues.document_key
            from issues
            where issues.code in ('MISSING_SECTION', 'DANGLING_REF') and issues.document_key is not null
        )
),

-- usually there are no suspects, and no annotations to read.
naming as (
    select distinct annotations.document_key
    from annotations
    where
        annotations.category_id is not null
        and annotations.document_key in (select suspects.document_key from suspects)
)

select
    concat(
        'category set ', suspects.category_set, ': used by ', counted(count(*), 'document', 'documents'), ', not there'
    ) as what
from suspects
semi join naming on naming.document_key = suspects.document_key
group by suspects.category_set
order by what;
