-- Labels that a commit compares one by one: those of the documents that it compares.
-- grain: label of a version
-- columns: as those of history_label_rows
create or replace temp table compared_versions as
select *
from temp.main.history_label_rows
where not is_arrival;
