-- Categories of the new document versions; where several have one id, the first.
-- grain: category set, category_id
-- columns: category_set, category_id, spelling (of the category_id, as text), category_name, supercategory, keypoints
-- parameters: snapshot
create or replace temp table chunk_categories as
with known_categories as (
    select categories.*
    from categories at (version => $snapshot)
    union all by name
    -- snapshots from before a migration lack the column
    select null::varchar as category_id_text where false
)

select
    known_categories.category_set,
    known_categories.category_id,
    coalesce(known_categories.category_id_text, known_categories.category_id::varchar) as spelling,
    known_categories.name as category_name,
    known_categories.supercategory,
    known_categories.keypoints
from known_categories
where
    known_categories.category_set in (
        select new_documents.category_set from temp.main.new_documents as new_documents
    )
qualify row_number() over (
    partition by known_categories.category_set, known_categories.category_id order by known_categories.position
) = 1;
