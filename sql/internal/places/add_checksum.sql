-- Remember the checksum of a file; for PostgreSQL.
-- parameters: path (below the data), bytes, sha256
insert into labelhouse.checksums (path, bytes, sha256)
values ($path, $bytes, $sha256)
on conflict (path) do update
set bytes = excluded.bytes, sha256 = excluded.sha256;
