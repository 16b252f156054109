-- How many labels of each class have each attribute, and how many answer it.
-- grain: document version, class, attribute
-- columns: those of mart_attribute_completeness
select
    chunk_answers.document_key,
    chunk_answers.category_name,
    chunk_answers.name,
    chunk_answers.origin,
    sum(chunk_answers.answer_count)::bigint as present_count,
    coalesce(
        sum(chunk_answers.answer_count) filter (
            where chunk_answers.value_type <> 'null' and chunk_answers.value <> ''
        ), 0
    )::bigint as answered_count,
    coalesce(
        sum(chunk_answers.answer_count) filter (where chunk_answers.value_type = 'number'), 0
    )::bigint as number_count,
    sum(chunk_answers.number_sum) as number_sum,
    min(chunk_answers.number_min) as number_min,
    max(chunk_answers.number_max) as number_max
from temp.main.chunk_answers as chunk_answers
group by
    chunk_answers.document_key, chunk_answers.category_name, chunk_answers.name, chunk_answers.origin;
