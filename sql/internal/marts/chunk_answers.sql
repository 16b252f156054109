-- Counts of the answers of a chunk's labels.
-- grain: document version, class, attribute, value (its first 200 characters)
-- columns: document_key, category_name, name, origin, value_type, value, answer_count, number_sum, number_min,
--   number_max (of answers that are numbers)
-- parameters: snapshot, first_key, last_key
create or replace temp table chunk_answers as
select
    chunk_labels.document_key,
    chunk_labels.category_name,
    attributes.name,
    attributes.origin,
    attributes.value_type,
    left(attributes.value, 200) as value,
    count(*) as answer_count,
    sum(attributes.value_number) as number_sum,
    min(attributes.value_number) as number_min,
    max(attributes.value_number) as number_max
from attributes at (version => $snapshot)
inner join temp.main.chunk_labels as chunk_labels
    on chunk_labels.document_key = attributes.document_key
    and chunk_labels.position = attributes.annotation_position
where attributes.document_key between $first_key and $last_key
group by
    chunk_labels.document_key,
    chunk_labels.category_name,
    attributes.name,
    attributes.origin,
    attributes.value_type,
    left(attributes.value, 200);
