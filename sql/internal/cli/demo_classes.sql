-- How many labels has each class of harbour?
-- grain: class
-- columns: category_name, labels
select category_name, count(*) as labels from labels where project = 'harbour' group by category_name;
