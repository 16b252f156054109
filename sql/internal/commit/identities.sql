-- Identities of the labels of new document versions that do not follow from the labels' own rows. A known label
-- keeps its identity. Where several labels of an image claim one identity, the first gets it, the second gets it
-- with ~2 behind it, and so on. An identity that this commit removes is not given again.
-- grain: label
-- columns: document_key, position, label_id, is_new (given now because another label has the plain one)
create or replace temp table history_identities as
with claims as (
    select
        new.document,
        new.position,
        new.image_key,
        new.label_id as plain_id,
        old.label_id as kept_id
    from temp.main.compared_versions as new
    left join temp.main.history_matches as matches
        on matches.new_key = new.document_key and matches.new_position = new.position
    left join temp.main.compared_versions as old
        on old.is_old and old.document_key = matches.old_key and old.position = matches.old_position
    where not new.is_old

    union all

    select old.document, null, old.image_key, null, old.label_id
    from temp.main.compared_versions as old
    anti join temp.main.history_matches as matches
        on matches.old_key = old.document_key and matches.old_position = old.position
    where old.is_old
),

collisions as (
    select
        document,
        image_key,
        coalesce(kept_id, plain_id) as label_id,
        count(*) filter (where kept_id is null) as claimed,
        count(kept_id) > 0 as is_taken
    from claims
    group by document, image_key, coalesce(kept_id, plain_id)
    having count(*) > 1
),

rivals as (
    select
        claims.document,
        claims.position,
        claims.image_key,
        claims.plain_id,
        row_number() over (
            partition by claims.document, claims.image_key, claims.plain_id order by claims.position
        ) as nth
    from claims
    inner join collisions
        on collisions.document = claims.document
        and collisions.image_key is not distinct from claims.image_key
        and collisions.label_id = claims.plain_id
    where claims.kept_id is null
),

taken as (
    select distinct
        claims.document,
        claims.image_key,
        coalesce(claims.kept_id, claims.plain_id) as label_id,
        regexp_extract(coalesce(claims.kept_id, claims.plain_id), '^(.*)~[0-9]+$', 1) as stem
    from claims
    where coalesce(claims.kept_id, claims.plain_id) like '%~%'
        and (claims.document, claims.image_key) in (select (document, image_key) from collisions)
),

taken_counts as (
    select document, image_key, stem, count(*) as found
    from taken
    group by document, image_key, stem
),

numbers as (
    select
        collisions.document,
        collisions.image_key,
        collisions.label_id as plain_id,
        unnest(
            range(
                if(collisions.is_taken, 2, 1), collisions.claimed + coalesce(taken_counts.found, 0) + 2
            )
        ) as number
    from collisions
    left join taken_counts
        on taken_counts.document = collisions.document
        and taken_counts.image_key is not distinct from collisions.image_key
        and taken_counts.stem = collisions.label_id
),

candidates as (
    select
        document,
        image_key,
        plain_id,
        number,
        if(number = 1, plain_id, concat(plain_id, '~', number)) as label_id
    from numbers
),

free as (
    select
        candidates.document,
        candidates.image_key,
        candidates.plain_id,
        candidates.label_id,
        row_number() over (
            partition by candidates.document, candidates.image_key, candidates.plain_id
            order by candidates.number
        ) as nth
    from candidates
    left join taken
        on taken.document = candidates.document
        and taken.image_key is not distinct from candidates.image_key
        and taken.label_id = candidates.label_id
        and candidates.number > 1
    where taken.label_id is null
)

select document as document_key, position, kept_id as label_id, false as is_new
from claims
where plain_id <> kept_id

union all

select rivals.document, rivals.position, free.label_id, true
from rivals
inner join free
    on free.document = rivals.document
    and free.image_key is not distinct from rivals.image_key
    and free.plain_id = rivals.plain_id
    and free.nth = rivals.nth
where free.label_id <> rivals.plain_id;
