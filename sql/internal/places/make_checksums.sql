-- Make the table of the checksums of all files, by path below the data; for PostgreSQL.
create table if not exists labelhouse.checksums (
    path text primary key,
    bytes bigint not null,
    sha256 text not null
);
