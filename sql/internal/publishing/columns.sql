-- Tables and columns of the published file with their meaning.
-- grain: column
-- columns: table_name, table_comment, column_name, data_type, comment
create or replace temp table published_columns as
select
    tables.table_name,
    tables.comment as table_comment,
    columns.column_name,
    columns.data_type,
    columns.comment
from duckdb_columns() as columns
inner join duckdb_tables() as tables
    on tables.database_name = columns.database_name
    and tables.schema_name = columns.schema_name
    and tables.table_name = columns.table_name
where columns.database_name = 'published' and columns.schema_name = 'main'
order by tables.table_name, columns.column_index;
