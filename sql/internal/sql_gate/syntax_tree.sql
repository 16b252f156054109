-- A SELECT statement as DuckDB's parser sees it, as JSON.
-- grain: one row
-- columns: tree
-- parameters: sql
select json_serialize_sql($sql) as tree;
