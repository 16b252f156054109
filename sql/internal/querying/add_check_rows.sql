-- Failing rows of a check.
-- grain: failing row
insert into check_rows by name
select * from new_check_rows;
