-- Whether the session still answers; for PostgreSQL.
-- grain: one row
-- columns: answer
select 1 as answer;
