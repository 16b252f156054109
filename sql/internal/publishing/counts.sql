-- Rows of the tables that grow with the labels, in the warehouse and in the published file.
-- grain: table
-- columns: table_name, in_warehouse (rows), in_file (rows)
select
    'documents' as table_name,
    (select count(*) from lake.main.documents) as in_warehouse,
    (select count(*) from published.main.documents) as in_file
union all
select 'images', (select count(*) from lake.main.images), (select count(*) from published.main.images)
union all
select 'labels', (select count(*) from lake.main.annotations), (select count(*) from published.main.labels)
union all
select
    'answers',
    (select count(*) from lake.main.attributes),
    (select count(*) from published.main.answers)
union all
select
    'label_changes',
    (select count(*) from lake.main.label_changes),
    (select count(*) from published.main.label_changes);
