-- Failing rows of a check that could not run to its end.
-- parameters: check_name
delete from check_rows
where check_rows.check_name = $check_name;
