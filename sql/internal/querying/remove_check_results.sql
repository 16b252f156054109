-- Results of an earlier run of the same checks for the same ingests.
delete from check_results
where
    (check_results.ingest_id, coalesce(check_results.project, ''), check_results.check_name) in (
        select (given_results.ingest_id, coalesce(given_results.project, ''), given_results.check_name)
        from given_results
    );
