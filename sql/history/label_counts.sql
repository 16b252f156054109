-- How many labels the new versions of documents have, and how many of them need more than their own rows.
-- grain: one row
-- columns: labels, arrived (labels of documents that are new to the project), renamed (labels whose identity their
--   own row does not tell)
select
    count(*) as labels,
    count(*) filter (where documents.old_key is null and not documents.is_back)
        as arrived,
    (select count(*) from temp.main.history_identities) as renamed
from temp.main.history_labels as labels
inner join temp.main.history_documents as documents on documents.new_key = labels.document_key
where not labels.is_old;
