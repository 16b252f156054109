-- What a catalog consists of; asked of SQLite.
-- grain: table or index
-- columns: type, name, tbl_name, sql
select type, name, tbl_name, sql
from sqlite_master;
