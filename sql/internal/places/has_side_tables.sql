-- Whether the last tables of both schemas beside the catalog are there; for PostgreSQL.
-- grain: one row
-- columns: is_there
select to_regclass('labelhouse.checksums') is not null
    and to_regclass('labelhouse_people.salt') is not null as is_there;
