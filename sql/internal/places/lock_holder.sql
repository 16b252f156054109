-- Which session holds the warehouse's lock; for PostgreSQL.
-- grain: one row
-- columns: application_name (names the process and its machine)
-- parameters: key (number of the lock)
select activity.application_name
from pg_locks
inner join pg_stat_activity as activity on activity.pid = pg_locks.pid
where
    pg_locks.locktype = 'advisory'
    and pg_locks.granted
    and (pg_locks.classid::bigint << 32) + pg_locks.objid::bigint = $key
    and pg_locks.database = (select oid from pg_database where datname = current_database());
