-- The time of the server; for PostgreSQL.
-- grain: one row
-- columns: moment
select now() as moment;
