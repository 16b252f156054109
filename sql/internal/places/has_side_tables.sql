-- Whether the last of the tables beside the catalog is there; for PostgreSQL.
-- grain: one row
-- columns: is_there
select to_regclass('labelhouse_people.salt') is not null as is_there;
