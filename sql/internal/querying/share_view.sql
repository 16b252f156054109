-- Compute a view once for all statements of a connection: they find a temporary table before a view.
-- identifiers: table (the view)
create or replace temp table {table} as
from {table};
