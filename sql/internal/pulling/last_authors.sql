-- What the last pull from a place into a project did with people.
-- grain: one row, or none if there was no such pull
-- columns: authors (null: it kept them)
-- parameters: project, source
select ingests.authors
from ingests
where ingests.project = $project and ingests.source = $source and ingests.status = 'committed'
order by ingests.ingest_number desc
limit 1;
