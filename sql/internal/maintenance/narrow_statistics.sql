-- Let the statistics of columns of texts and fractions, in SQLite, say what those of the present files say: they
-- quote values.
-- grain: column that holds texts or fractions
-- columns: none
with present as (
    select
        columns.table_id,
        columns.column_id,
        case columns.column_type
            when 'varchar' then min(files.min_value)
            else (
                select least.min_value
                from ducklake_file_column_stats as least
                where
                    least.table_id = columns.table_id
                    and least.column_id = columns.column_id
                    and least.min_value is not null
                order by cast(least.min_value as real)
                limit 1
            )
        end as min_value,
        case columns.column_type
            when 'varchar' then max(files.max_value)
            else (
                select greatest.max_value
                from ducklake_file_column_stats as greatest
                where
                    greatest.table_id = columns.table_id
                    and greatest.column_id = columns.column_id
                    and greatest.max_value is not null
                order by cast(greatest.max_value as real) desc
                limit 1
            )
        end as max_value
    from ducklake_column as columns
    left join ducklake_file_column_stats as files
        on files.table_id = columns.table_id and files.column_id = columns.column_id
    where columns.column_type in ('varchar', 'float64') and columns.end_snapshot is null
    group by columns.table_id, columns.column_id, columns.column_type
)

update ducklake_table_column_stats
set
    min_value = present.min_value,
    max_value = present.max_value
from present
where
    present.table_id = ducklake_table_column_stats.table_id
    and present.column_id = ducklake_table_column_stats.column_id;
