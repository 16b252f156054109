-- The labels of a commit that have to be looked at one by one: those of documents that it compares, and of new
-- documents those whose identity another label claims, or may be given.
-- grain: label of a version
-- columns: as those of history_label_rows
create or replace temp table history_labels as
with contested as (
    select document, claim
    from temp.main.history_claims
    group by document, claim
    having count(*) > 1
),

rivals as (
    select claims.document, claims.position
    from temp.main.history_claims as claims
    inner join contested on contested.document = claims.document and contested.claim = claims.claim

    union

    select document, position
    from temp.main.history_claims
    where is_like_given
)

select *
from temp.main.history_label_rows
where not is_arrival

union all

select label_rows.*
from temp.main.history_label_rows as label_rows
inner join rivals
    on rivals.document = label_rows.document and rivals.position = label_rows.position
where label_rows.is_arrival;
