-- Pairs of labels that are the same in the old and the new version of a document. On one image, labels with
-- equal object, category and content match first. Then labels with one encord_track_uuid match, or without one,
-- labels with one id. Several equal labels match in their order.
-- grain: label that both versions have
-- columns: old_key, old_position, new_key, new_position, is_equal (nothing about the label differs)
create or replace temp table history_matches as
with compared as (
    select labels.*
    from temp.main.compared_versions as labels
    where
        labels.document in (
            select new_key
            from temp.main.history_documents
            where new_key is not null and old_key is not null and not is_same
        )
),

contents as (
    select
        document,
        is_old,
        document_key,
        position,
        content_key,
        row_number() over (partition by document, is_old, content_key order by position) as nth
    from compared
    where content_key is not null
),

equal_pairs as (
    select
        old.document_key as old_key,
        old.position as old_position,
        new.document_key as new_key,
        new.position as new_position
    from contents as old
    inner join contents as new
        on new.document = old.document and new.content_key = old.content_key and new.nth = old.nth
    where old.is_old and not new.is_old
),

known_equals as (
    select old_key as document_key, old_position as position from equal_pairs
    union all
    select new_key, new_position from equal_pairs
),

names as (
    select
        compared.document,
        compared.is_old,
        compared.document_key,
        compared.position,
        compared.name_key,
        row_number() over (
            partition by compared.document, compared.is_old, compared.name_key order by compared.position
        ) as nth
    from compared
    anti join known_equals
        on known_equals.document_key = compared.document_key
        and known_equals.position = compared.position
    where compared.name_key is not null
),

named_pairs as (
    select
        old.document_key as old_key,
        old.position as old_position,
        new.document_key as new_key,
        new.position as new_position
    from names as old
    inner join names as new
        on new.document = old.document and new.name_key = old.name_key and new.nth = old.nth
    where old.is_old and not new.is_old
)

select old_key, old_position, new_key, new_position, true as is_equal from equal_pairs
union all
select old_key, old_position, new_key, new_position, false from named_pairs;
