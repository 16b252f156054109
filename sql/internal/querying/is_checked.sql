-- Whether the checks ever ran.
-- grain: one row
-- columns: is_checked
-- parameters: project (null for any)
select exists(
    select 1
    from check_results
    where $project is null or check_results.project = $project
) as is_checked;
