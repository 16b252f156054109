-- Remove the rows of some files, which are let go of as a whole; earlier snapshots keep them.
-- grain: row of the files
-- columns: none
-- identifiers: table, files (put in, quoted, so that no other file is read)
delete from {table}
where filename in ({files});
