-- Write the new rows of document versions that the warehouse still has into one mart, in the order of keys.
-- identifiers: table
insert into {table}
select new_rows.*
from temp.main.new_{table} as new_rows
where new_rows.document_key in (select documents.document_key from documents)
order by new_rows.document_key;
