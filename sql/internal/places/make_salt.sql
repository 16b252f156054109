-- Make the table of the salt that ties tokens to people: one row, for loaders alone; for PostgreSQL.
create table if not exists labelhouse_people.salt (
    is_only boolean primary key default true check (is_only),
    salt text not null
);
