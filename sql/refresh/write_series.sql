-- Write the new rows of a mart that grows with every ingest.
-- identifiers: table
insert into {table}
select new_rows.*
from temp.main.new_{table} as new_rows;
