-- An example: the share of each class in its project.
select
    project,
    category_name,
    count(*) as label_count,
    count(*) / sum(count(*)) over (partition by project) as share
from {{ source('labelhouse', 'labels') }}
group by project, category_name
