-- Some of the labels that a commit may have to record. Their contents are compared as texts: all at once would
-- take as much memory as a large document has text.
-- grain: label
-- columns: as those of history_differences
-- parameters: first, last (numbers of history_differences)
create or replace temp table history_chunk as
select *
from temp.main.history_differences
where number between $first and $last;
