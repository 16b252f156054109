-- How many rows of a column hold a text.
-- grain: one row
-- columns: rows
-- identifiers: table, column
-- parameters: pattern (of the text, in lower case)
select count(*) as "rows"
from {table}
where regexp_matches(lower({column}::varchar), $pattern);
