-- How many labels came with new documents, and how many of them have rivals.
-- grain: one row
-- columns: arrived, rivals
select
    (select count(*) from temp.main.history_claims) as arrived,
    (select count(*) from temp.main.history_rivals) as rivals;
