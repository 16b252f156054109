-- Tables of a catalog; SQLite runs this.
-- grain: table
-- columns: name
select name
from sqlite_master
where type = 'table';
