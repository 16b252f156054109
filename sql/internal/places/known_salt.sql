-- The salt of the warehouse; for PostgreSQL.
-- grain: one row, none if it has no salt
-- columns: salt
select salt
from labelhouse_people.salt;
