-- Number of rows of every table.
-- grain: table
-- columns: table_name, rows
select 'documents' as table_name, count(*) as rows from documents
union all
select 'images', count(*) from images
union all
select 'categories', count(*) from categories
union all
select 'annotations', count(*) from annotations
union all
select 'keypoints', count(*) from keypoints
union all
select 'attributes', count(*) from attributes
union all
select 'quarantine', count(*) from quarantine
union all
select 'issues', count(*) from issues
union all
select 'ingests', count(*) from ingests;
