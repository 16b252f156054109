-- Keep the salt of the warehouse unless it has one; for PostgreSQL.
-- parameters: salt
insert into labelhouse_people.salt (salt)
values ($salt)
on conflict (is_only) do nothing;
