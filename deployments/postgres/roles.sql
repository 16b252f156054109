-- Roles of a warehouse that a team shares. Run it as a superuser in the database of the catalog, before the
-- first load or at any time after it, and again after an upgrade of Labelhouse:
--     psql postgres://db.example.org/labels --file roles.sql
-- Then make the users, each of one of the two roles:
--     create user etl in role labelhouse_loader password '…';
--     alter user etl set role labelhouse_loader;
--     create user bi in role labelhouse_reader password '…';
-- Loaders act as their role, so whatever one of them makes belongs to all of them.
begin;

do $$
begin
    if to_regrole('labelhouse_loader') is null then
        create role labelhouse_loader nologin;
    end if;
    if to_regrole('labelhouse_reader') is null then
        create role labelhouse_reader nologin;
    end if;
    execute format('revoke all on database %I from public', current_database());
    execute format('grant connect, create, temporary on database %I to labelhouse_loader', current_database());
    execute format('grant connect on database %I to labelhouse_reader', current_database());
end
$$;

-- A loader that waits for the lock says who has it.
grant pg_read_all_stats to labelhouse_loader;

-- The catalog. DuckLake makes tables in it at any time.
revoke all on schema public from public;
grant usage, create on schema public to labelhouse_loader;
grant usage on schema public to labelhouse_reader;
grant select on all tables in schema public to labelhouse_reader;
alter default privileges for role labelhouse_loader in schema public
grant select on tables to labelhouse_reader;

-- What loads know of each other: `status` and `verify` read it.
create schema if not exists labelhouse;
alter schema labelhouse owner to labelhouse_loader;
grant usage on schema labelhouse to labelhouse_reader;
grant select on all tables in schema labelhouse to labelhouse_reader;
alter default privileges for role labelhouse_loader in schema labelhouse
grant select on tables to labelhouse_reader;

-- What ties tokens to people. Readers have no right to it: who has the salt can try names.
create schema if not exists labelhouse_people;
alter schema labelhouse_people owner to labelhouse_loader;
revoke all on schema labelhouse_people from public, labelhouse_reader;

-- What was made before there were roles.
do $$
declare
    made record;
begin
    for made in
        select relation.oid::regclass as name, relation.relkind as kind
        from pg_class as relation
        inner join pg_namespace as namespace on namespace.oid = relation.relnamespace
        where namespace.nspname in ('labelhouse', 'labelhouse_people')
            or (namespace.nspname = 'public' and starts_with(relation.relname, 'ducklake_'))
    loop
        if made.kind = 'r' then
            execute format('alter table %s owner to labelhouse_loader', made.name);
        elsif made.kind = 'S' then
            execute format('alter sequence %s owner to labelhouse_loader', made.name);
        end if;
    end loop;
end
$$;

commit;
