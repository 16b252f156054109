-- How many labels of a commit are looked at one by one or are new, and how many need more than their own rows.
-- grain: one row
-- columns: labels (of new versions, looked at one by one), arrived (labels of documents that are new to the
--   project), renamed (labels whose identity their own row does not tell)
select
    (select count(*) from temp.main.history_labels where not is_old) as labels,
    (select count(*) from temp.main.history_claims) as arrived,
    (select count(*) from temp.main.history_identities) as renamed;
