-- Names of the tables that a catalog has or had; SQLite runs this.
-- grain: version of a table
-- columns: table_name
select table_name
from ducklake_table;
