-- Tables and indexes of a catalog; SQLite runs this.
-- grain: table or index
-- columns: type, name, tbl_name, sql
select type, name, tbl_name, sql
from sqlite_master;
