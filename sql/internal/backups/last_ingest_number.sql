-- The highest ingest number in the ledger, from the statistics of its files; SQLite runs this.
-- grain: one row
-- columns: ingest_number (null if there is none)
select max(cast(stats.max_value as integer)) as ingest_number
from ducklake_table_column_stats as stats
inner join ducklake_column as columns
    on columns.table_id = stats.table_id and columns.column_id = stats.column_id
inner join ducklake_table as tables on tables.table_id = stats.table_id
where tables.table_name = 'ingests' and columns.column_name = 'ingest_number';
