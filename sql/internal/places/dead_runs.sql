-- Processes that gave no sign for some time, or are known to be dead; for PostgreSQL.
-- grain: run
-- columns: run
-- parameters: lease_s (seconds), known_dead (names of runs)
select run
from labelhouse.runs
where seen_at < now() - make_interval(secs => $lease_s) or run = any($known_dead)
union
select run
from labelhouse.attempts
where
    ended_at is null
    and run not in (select run from labelhouse.runs);
