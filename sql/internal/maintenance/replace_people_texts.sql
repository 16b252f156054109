-- Put texts without a person in the place of those with them.
-- grain: row that changes
-- columns: none
-- identifiers: table, name_column, column, more (other columns that say the same, and what they hold then)
update {table}
set {column} = people_texts.replacement{more}
from people_texts
where {table}.{column} = people_texts.value and {name_column} is not distinct from people_texts.name;
