-- Forget the checksums of files that are gone; for PostgreSQL.
-- parameters: paths (below the data)
delete from labelhouse.checksums
where path = any($paths);
