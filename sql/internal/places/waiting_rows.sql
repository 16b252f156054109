-- Ledger rows that wait for the next commit; for PostgreSQL.
-- grain: ingest
-- columns: ledger_row (JSON)
select ledger_row
from labelhouse.waiting
order by ingest_number;
