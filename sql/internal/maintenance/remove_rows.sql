-- Remove the rows of some files, so that DuckLake releases whole files; earlier snapshots keep them.
-- grain: row of the files
-- columns: none
-- identifiers: table, files (put in, quoted, so that no other file is read)
delete from {table}
where filename in ({files});
