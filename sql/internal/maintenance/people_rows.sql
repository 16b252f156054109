-- How many rows of a column hold one of the texts with a person.
-- grain: one row
-- columns: rows
-- identifiers: table, name_column, column
select count(*) as "rows"
from {table}
inner join people_texts on {table}.{column} = people_texts.value and {name_column} is not distinct from people_texts.name;
