-- Add the identities that several labels of an image claim, and those that look as if they had a suffix (~2);
-- for a part of the new documents.
-- grain: claim
-- columns: those of conflicting_identities
-- parameters: first_key, last_key, pieces, piece (from 0)
insert into temp.main.conflicting_identities
with claims as (
    select
        hash(document, image_number, label_id) as claim,
        label_id like '%~%' as is_like_given
    from temp.main.history_label_rows
    where is_arrival and document_key between $first_key and $last_key
)

select claim
from claims
where claim % $pieces::ubigint = $piece::ubigint
group by claim
having count(*) > 1 or bool_or(is_like_given);
