-- Label rows between two documents, and the number of places that their classifications, answers and ranges
--   take.
-- grain: document that came as a label row
-- columns: document_key, has_layout, classification_places, answer_places, range_places (one more than the
--   position of the last record)
-- parameters: low, high (the least and the greatest key)
with places as (
    select
        parts.document_key,
        max(parts.position) filter (where parts.part = 'classifications') + 1 as classification_places,
        max(parts.position) filter (where parts.part = 'answers') + 1 as answer_places,
        max(parts.position) filter (where parts.part = 'ranges') + 1 as range_places
    from (
        select classifications.document_key, classifications.position, 'classifications' as part
        from classifications
        where classifications.document_key between $low and $high
        union all
        select answers.document_key, answers.position, 'answers'
        from answers
        where answers.document_key between $low and $high
        union all
        select ranges.document_key, ranges.position, 'ranges'
        from ranges
        where ranges.document_key between $low and $high
    ) as parts
    group by parts.document_key
)

select
    label_rows.document_key,
    label_rows.layout is not null as has_layout,
    coalesce(places.classification_places, 0) as classification_places,
    coalesce(places.answer_places, 0) as answer_places,
    coalesce(places.range_places, 0) as range_places
from label_rows
left join places using (document_key)
where label_rows.document_key between $low and $high;
