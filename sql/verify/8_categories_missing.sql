-- Documents whose category set is not there although labels name categories of it.
-- grain: category set
-- columns: what
select concat('category set ', documents.category_set, ': used by ', count(*), ' documents, not there') as what
from documents
anti join categories on categories.category_set = documents.category_set
where
    exists (
        select 1
        from annotations
        where
            annotations.document_key = documents.document_key
            and annotations.category_id is not null
    )
    and not exists (
        select 1
        from issues
        where
            issues.document_key = documents.document_key
            and issues.code in ('MISSING_SECTION', 'DANGLING_REF')
    )
group by documents.category_set
order by what;
