-- Add the labels of new documents with conflicting identities to those that the commit compares one by one.
insert into temp.main.compared_versions
select label_rows.*
from temp.main.history_label_rows as label_rows
inner join temp.main.conflicting_labels as rivals
    on rivals.document = label_rows.document and rivals.position = label_rows.position
where label_rows.is_arrival;
