-- Values of each attribute: the 100 most frequent of a document and class; the others count together.
-- grain: document version, class, attribute, value
-- columns: those of mart_attribute_values
with ranked as (
    select
        chunk_answers.document_key,
        chunk_answers.category_name,
        chunk_answers.name,
        chunk_answers.origin,
        chunk_answers.value_type,
        chunk_answers.value,
        chunk_answers.answer_count,
        row_number() over (
            partition by
                chunk_answers.document_key,
                chunk_answers.category_name,
                chunk_answers.name,
                chunk_answers.origin
            order by chunk_answers.answer_count desc, chunk_answers.value_type, chunk_answers.value
        ) as place
    from temp.main.chunk_answers as chunk_answers
)

select
    ranked.document_key,
    ranked.category_name,
    ranked.name,
    ranked.origin,
    if(ranked.place <= 100, ranked.value_type, 'other') as value_type,
    if(ranked.place <= 100, ranked.value, null) as value,
    sum(ranked.answer_count)::bigint as answer_count
from ranked
group by
    ranked.document_key,
    ranked.category_name,
    ranked.name,
    ranked.origin,
    if(ranked.place <= 100, ranked.value_type, 'other'),
    if(ranked.place <= 100, ranked.value, null);
