-- Write rows into a table of the copy of a catalog.
-- identifiers: table, places (a question mark per column)
insert into {table} values ({places});
