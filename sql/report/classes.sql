-- Labels, images and documents of each class, the most frequent first; classes without labels are included.
-- grain: class (category_name and supercategory)
-- columns: category_name, supercategory, labels, images, documents, label_share (of all labels, 0 to 1)
-- parameters: project (null for all)
select
    category_name,
    supercategory,
    sum(label_count)::bigint as labels,
    sum(image_count)::bigint as images,
    sum(document_count)::bigint as documents,
    sum(label_count) / nullif(sum(sum(label_count)) over (), 0) as label_share
from class_balance
where $project is null or project = $project
group by category_name, supercategory
order by labels desc, category_name, supercategory;
