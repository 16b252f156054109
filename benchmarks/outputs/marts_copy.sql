-- Copy the rows of one table's documents under other keys, so that a warehouse gets large quickly.
insert into {table}
select {table}.* replace ({replaced})
from {table}
where {table}.document_key between $first_key and $last_key
order by {table}.document_key
