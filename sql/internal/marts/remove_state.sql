-- Forget how far the marts were fresh.
delete from mart_state;
