-- Open findings that this run writes again.
delete from finding_log
where
    finding_log.mended_at is null
    and finding_log.finding_id in (
        select finding_changes.finding_id from temp.main.finding_changes as finding_changes
    );
