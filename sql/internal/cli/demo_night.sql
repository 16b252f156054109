-- What did each ingest after a number do, and to how many labels?
-- grain: ingest
-- columns: ingest_number, status, source, documents_added, documents_changed, documents_renumbered (unchanged
--   except for ids and order), documents_same (unchanged), labels_added, labels_removed, labels_changed, error_code, error
-- parameters: after (number of an ingest)
select
    ingests.ingest_number,
    ingests.status,
    ingests.source,
    ingests.documents_added,
    ingests.documents_changed,
    ingests.documents_renumbered,
    ingests.documents_unchanged - ingests.documents_renumbered as documents_same,
    count(*) filter (where label_changes.change = 'added') as labels_added,
    count(*) filter (where label_changes.change = 'removed') as labels_removed,
    count(*) filter (where label_changes.change = 'changed') as labels_changed,
    ingests.error_code,
    ingests.error
from ingests
left join label_changes on label_changes.ingest_number = ingests.ingest_number
where ingests.ingest_number > $after::bigint
group by all
order by ingests.ingest_number;
