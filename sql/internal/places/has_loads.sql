-- Whether a load has made the tables that readers need beside the catalog; for PostgreSQL.
-- grain: one row
-- columns: is_there
select to_regclass('labelhouse.waiting') is not null as is_there;
