-- Number of issues of each ingest of a commit.
-- grain: ingest
-- columns: ingest_id, issues
-- parameters: first_key, last_key (document keys of the commit)
select ingest_id, count(*) as issues
from issues
where document_key between $first_key and $last_key
group by ingest_id;
