-- Documents with more than one live version.
-- grain: document
-- columns: what
select
    concat(
        'project ', project, ', document ', document_id, ': ', counted(count(*), 'live version', 'live versions')
    ) as what
from documents
group by project, document_id
having count(*) > 1
order by what;
