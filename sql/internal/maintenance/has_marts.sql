-- Whether the marts were ever refreshed.
-- grain: one row
-- columns: has_marts
select exists(select 1 from mart_state) as has_marts;
