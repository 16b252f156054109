-- How many labels of new versions are looked at one by one, and how many need more than their own rows.
-- grain: one row
-- columns: labels, renamed (labels whose identity their own row does not tell)
select
    (select count(*) from temp.main.compared_versions where not is_old) as labels,
    (select count(*) from temp.main.history_identities) as renamed;
