-- The labels of new documents that have rivals, where there are none.
-- grain: label
-- columns: those of history_rivals
create or replace temp table history_rivals (document bigint, position bigint);
