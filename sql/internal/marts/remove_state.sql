-- Forget which state the marts hold.
delete from mart_state;
