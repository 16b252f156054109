-- How many labels each new ingest added, removed and changed.
-- grain: ingest, document, class, kind of change
-- columns: those of mart_label_churn
-- parameters: snapshot, all_changes (count the changes of all ingests), first_number (lowest new ingest number)
select
    label_changes.project,
    label_changes.ingest_number,
    label_changes.ingest_id,
    label_changes.changed_at,
    label_changes.document_id,
    label_changes.category as category_name,
    label_changes.change,
    count(*) as label_count
from label_changes at (version => $snapshot)
where
    $all_changes
    or (
        label_changes.ingest_number >= $first_number
        and label_changes.ingest_number in (
            select new_ingests.ingest_number from temp.main.new_ingests as new_ingests
        )
    )
group by
    label_changes.project,
    label_changes.ingest_number,
    label_changes.ingest_id,
    label_changes.changed_at,
    label_changes.document_id,
    label_changes.category,
    label_changes.change;
