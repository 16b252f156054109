-- The labels of a commit that have to be looked at one by one: those of documents that it compares.
-- grain: label of a version
-- columns: as those of history_label_rows
create or replace temp table compared_versions as
select *
from temp.main.history_label_rows
where not is_arrival;
