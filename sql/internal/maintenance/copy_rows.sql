-- Write the rows of some files of a table into new files of the size and order that DuckLake's options set.
-- grain: row of the files
-- columns: those of the table
-- identifiers: table, files (put in, quoted, so that no other file is read)
insert into {table}
select *
from {table}
where filename in ({files});
