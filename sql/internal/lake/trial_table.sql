-- A table to try a file system with; made by SQLite.
-- grain: row of a trial
-- columns: value
create table trial (
    value integer
);
