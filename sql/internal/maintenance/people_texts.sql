-- Texts of a column that may name a person, each once.
-- grain: name and text
-- columns: name (of the answer; null in tables without one), value
-- identifiers: table, name_column, column
-- parameters: pattern (of what such a text holds, in lower case)
select distinct
    {name_column} as name,
    {column} as value
from {table}
where regexp_matches(lower({column}), $pattern);
