-- The labels of new documents whose identity another label of their image claims, or may be given.
-- grain: label
-- columns: document, position
create or replace temp table history_rivals as
with contested as (
    select document, claim
    from temp.main.history_claims
    group by document, claim
    having count(*) > 1
)

select claims.document, claims.position
from temp.main.history_claims as claims
inner join contested on contested.document = claims.document and contested.claim = claims.claim

union

select document, position
from temp.main.history_claims
where is_like_given;
