-- The labels of a commit that have to be looked at one by one: those of documents that it compares, and rivals.
-- grain: label of a version
-- columns: as those of history_label_rows
create or replace temp table history_labels as
select *
from temp.main.history_label_rows
where not is_arrival

union all

select label_rows.*
from temp.main.history_label_rows as label_rows
inner join temp.main.history_rivals as rivals
    on rivals.document = label_rows.document and rivals.position = label_rows.position
where label_rows.is_arrival;
