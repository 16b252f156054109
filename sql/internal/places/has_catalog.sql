-- Whether the database holds the catalog of a lake; for PostgreSQL.
-- grain: one row
-- columns: is_there
select to_regclass('public.ducklake_snapshot') is not null as is_there;
