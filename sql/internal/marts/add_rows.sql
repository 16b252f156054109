-- Collect the rows of a mart's statement until they are staged.
-- identifiers: table, select (a statement of sql/marts/)
insert into temp.main.{table} by name
{select};
