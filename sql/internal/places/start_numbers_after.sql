-- Let the ingest numbers go on above the highest one that is known; for PostgreSQL.
-- grain: one row
-- columns: last_number
-- parameters: last_number
select setval(
    'labelhouse.ingest_numbers',
    greatest($last_number::bigint, (select last_value from labelhouse.ingest_numbers)),
    $last_number::bigint > 0 or (select is_called from labelhouse.ingest_numbers)
) as last_number;
