-- An identity stands for two labels of one image.
-- grain: document
-- columns: what
with repeated as (
    select project, document_id, image_key, label_id
    from labels
    group by project, document_id, image_key, label_id
    having count(*) > 1
)

select concat('project ', project, ', document ', document_id, ': ', count(*), ' identities stand twice') as what
from repeated
group by project, document_id
order by what;
