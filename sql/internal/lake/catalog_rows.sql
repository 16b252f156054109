-- All rows of a catalog's table in the order in which they are stored; SQLite runs this.
-- grain: row of the table
-- columns: those of the table
-- identifiers: table
select *
from {table}
order by rowid;
