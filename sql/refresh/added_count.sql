-- How many document versions the marts got.
-- grain: one row
-- columns: added_count
select count(*) as added_count
from temp.main.new_mart_image_coverage as new_rows
where new_rows.document_key in (select documents.document_key from documents);
