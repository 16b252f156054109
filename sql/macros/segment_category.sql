-- The category of a panoptic segment as text, to be compared with the spelling of a category's id.
-- parameters: exported (category_id of the segment as JSON gives it, as text)
-- returns: the text; a whole number without its fraction
create or replace macro segment_category(exported) as
    if(regexp_full_match(exported, '-?[0-9]+\.0+'), regexp_extract(exported, '^[^.]*'), exported);
