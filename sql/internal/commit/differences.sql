-- Labels that a commit adds to known documents, removes, or may change. The next statements compare the fields
-- of matched labels whose content is not known to be equal.
-- grain: label
-- columns: document, change (added, removed or changed), image_key, label_id, category, old_category,
--   old_key, old_position, new_key, new_position, number (from 1, along the documents)
create or replace temp table history_differences as
with found as (
    select
        labels.document,
        'added' as change,
        labels.image_key,
        coalesce(identities.label_id, labels.label_id) as label_id,
        labels.category,
        null::varchar as old_category,
        null::bigint as old_key,
        null::bigint as old_position,
        labels.document_key as new_key,
        labels.position as new_position
    from temp.main.compared_versions as labels
    inner join temp.main.history_documents as documents on documents.new_key = labels.document_key
    left join temp.main.history_identities as identities
        on identities.document_key = labels.document_key and identities.position = labels.position
    anti join temp.main.history_matches as matches
        on matches.new_key = labels.document_key and matches.new_position = labels.position
    where not labels.is_old and (documents.old_key is not null or documents.is_back)

    union all

    select
        labels.document,
        'removed',
        labels.image_key,
        labels.label_id,
        labels.category,
        labels.category,
        labels.document_key,
        labels.position,
        null,
        null
    from temp.main.compared_versions as labels
    anti join temp.main.history_matches as matches
        on matches.old_key = labels.document_key and matches.old_position = labels.position
    where labels.is_old

    union all

    select
        new.document,
        'changed',
        new.image_key,
        old.label_id,
        new.category,
        old.category,
        old.document_key,
        old.position,
        new.document_key,
        new.position
    from temp.main.history_matches as matches
    inner join temp.main.compared_versions as old
        on old.document_key = matches.old_key and old.position = matches.old_position
    inner join temp.main.compared_versions as new
        on new.document_key = matches.new_key and new.position = matches.new_position
    where not matches.is_equal
)

-- rows that are recorded together lie together in the files
select found.*, row_number() over (order by document, new_position, old_position) as number
from found;
