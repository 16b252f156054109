-- The categories of the new document versions; of those with one id twice the first.
-- grain: category set, category_id
-- columns: category_set, category_id, category_name, supercategory, keypoints
-- parameters: snapshot
create or replace temp table chunk_categories as
select
    categories.category_set,
    categories.category_id,
    categories.name as category_name,
    categories.supercategory,
    categories.keypoints
from categories at (version => $snapshot)
where
    categories.category_set in (
        select new_documents.category_set from temp.main.new_documents as new_documents
    )
qualify row_number() over (
    partition by categories.category_set, categories.category_id order by categories.position
) = 1;
