-- The sources of a call, which are in the warehouse side by side even if their bytes are the same.
-- grain: source of the call
-- columns: source (as the ledger has it)
create temp table if not exists call_sources (
    source varchar
);
