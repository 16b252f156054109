-- Remove the rows of some files, which are let go of as a whole; earlier snapshots keep them.
-- grain: row of the files
-- columns: none
-- parameters: the table and its files are put in, quoted, so that no other file is read
delete from {table}
where filename in ({files});
