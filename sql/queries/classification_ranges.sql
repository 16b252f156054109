-- Which classification holds on which frames, pages, seconds or characters?
-- grain: range of a classification; one row for a classification of all of the data
-- columns: project, document_id, document_title (title of the document), category_name (name of the class), answers
--   (question: value, a text per choice), scope, space, unit (frame, page, ms, character or html; null for all of the
--   data), range_start, range_end, range_length (frames, pages, milliseconds or characters; null for all of the data)
-- parameters: project (project; default null: all), category (name of a class; default null: all), rows (rows at most,
--   the longest ranges first, 1 or more; default 1000)
-- needs: label rows
select
    classified_ranges.project,
    classified_ranges.document_id,
    classified_ranges.document_title,
    classified_ranges.category_name,
    classified_ranges.answers,
    classified_ranges.scope,
    classified_ranges.space,
    classified_ranges.unit,
    classified_ranges.range_start,
    classified_ranges.range_end,
    classified_ranges.range_length
from classified_ranges
where
    ($project is null or classified_ranges.project = $project)
    and ($category is null or classified_ranges.category_name = $category)
order by
    classified_ranges.range_length desc nulls first,
    classified_ranges.document_key,
    classified_ranges.position,
    classified_ranges.range_start
limit $rows::bigint;
