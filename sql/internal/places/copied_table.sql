-- Make a table of the copy of a catalog.
-- identifiers: table, columns (with their types)
create table {table} ({columns});
