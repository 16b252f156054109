-- Some of the labels that a commit may have to tell of: what labels say is compared as texts, which for all of
-- them would take as much memory as a large document has text.
-- grain: label
-- columns: as those of history_differences
-- parameters: first, last (numbers of history_differences)
create or replace temp table history_chunk as
select *
from temp.main.history_differences
where number between $first and $last;
