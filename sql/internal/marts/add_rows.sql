-- Keep the rows that a mart's statement finds until they are staged.
-- identifiers: table, select (a statement of sql/marts/)
insert into temp.main.{table} by name
{select};
