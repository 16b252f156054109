-- Whether the marts were ever refreshed.
-- grain: one row
-- columns: is_refreshed
select exists(select 1 from mart_state) as is_refreshed;
