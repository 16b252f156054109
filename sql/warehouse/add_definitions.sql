-- What the tables, macros and views of this build mean.
-- grain: table, macro or view, or a part of one
-- parameters: definitions (rows)
insert into definitions by name
select kind, name, item, meaning, statement_hash
from (select unnest($definitions, max_depth := 2));
