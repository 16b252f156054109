-- Table to try a file system with; SQLite makes it.
-- grain: row of a trial
-- columns: value
create table trial (
    value integer
);
