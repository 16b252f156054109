-- Number of labels of new versions that the commit compares one by one, and of those that need more than their
-- own rows.
-- grain: one row
-- columns: labels, renamed (labels whose identity does not follow from their own row)
select
    (select count(*) from temp.main.compared_versions where not is_old) as labels,
    (select count(*) from temp.main.history_identities) as renamed;
