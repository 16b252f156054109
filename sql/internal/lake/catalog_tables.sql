-- The tables of a catalog; asked of SQLite.
-- grain: table
-- columns: name
select name
from sqlite_master
where type = 'table';
