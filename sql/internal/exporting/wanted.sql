-- Documents that a statement of this room takes, in their order; it stands between braces in them.
-- grain: document
-- columns: document_key, ordinal (from 1)
-- parameters: keys (of documents in order, joined by commas)
select
    unnest(string_split($keys, ',')::bigint[]) as document_key,
    generate_subscripts(string_split($keys, ','), 1) as ordinal;
