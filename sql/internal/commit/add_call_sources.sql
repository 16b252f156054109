-- Remember the sources of a call.
-- parameters: sources
insert into temp.main.call_sources
select unnest($sources::varchar[]);
