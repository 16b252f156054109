-- Take the next ingest numbers; for PostgreSQL.
-- grain: number
-- columns: ingest_number
-- parameters: number_count
select nextval('labelhouse.ingest_numbers') as ingest_number
from generate_series(1, $number_count);
