-- What the tables, macros and views of this build mean.
-- grain: table, macro or view, or a part of one
-- parameters: definitions (text: rows as JSON; the client looks at each value of rows, which takes longer)
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
