-- Meaning of the tables, macros and views of this build.
-- grain: table, macro or view, or a part of one
-- parameters: definitions (text: rows as JSON; binding rows takes longer, because the client examines each
--   value)
insert into definitions by name
select kind, name, item, meaning, statement_hash
from (
    select
        unnest(
            from_json(
                $definitions,
                '[{"kind": "VARCHAR", "name": "VARCHAR", "item": "VARCHAR", "meaning": "VARCHAR", "statement_hash": "VARCHAR"}]'
            ),
            max_depth := 2
        )
);
