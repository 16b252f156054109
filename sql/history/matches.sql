-- Which label of the old version of a document is which of the new one. On one image, first those of equal
-- object, category and content; then those of one encord_track_uuid, or without one those of one id. Of
-- several that are equal the first is the first.
-- grain: label that both versions have
-- columns: document, old_position, new_position, is_equal (nothing about the label differs)
create or replace temp table history_matches as
with compared as (
    select labels.*
    from temp.main.history_labels as labels
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
        position,
        content_key,
        row_number() over (partition by document, is_old, content_key order by position) as nth
    from compared
    where content_key is not null
),

equal_pairs as (
    select old.document, old.position as old_position, new.position as new_position
    from contents as old
    inner join contents as new
        on new.document = old.document and new.content_key = old.content_key and new.nth = old.nth
    where old.is_old and not new.is_old
),

names as (
    select
        compared.document,
        compared.is_old,
        compared.position,
        compared.name_key,
        row_number() over (
            partition by compared.document, compared.is_old, compared.name_key order by compared.position
        ) as nth
    from compared
    left join equal_pairs
        on equal_pairs.document = compared.document
        and if(compared.is_old, equal_pairs.old_position, equal_pairs.new_position) = compared.position
    where compared.name_key is not null and equal_pairs.document is null
),

named_pairs as (
    select old.document, old.position as old_position, new.position as new_position
    from names as old
    inner join names as new
        on new.document = old.document and new.name_key = old.name_key and new.nth = old.nth
    where old.is_old and not new.is_old
)

select document, old_position, new_position, true as is_equal from equal_pairs
union all
select document, old_position, new_position, false from named_pairs;
