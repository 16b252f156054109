-- Which labels and classifications were edited or added after their review, and by whom?
-- grain: label or classification
-- columns: project, document_id, document_title (title of the document), image_key, kind (label or classification),
--   label_id (identity of the label within its image, or the hash of the classification), category_name (name of the
--   class), rework (edited or added), person (who edited or created it; null for unknown), reworked_at (UTC),
--   reviewed_at (UTC), hours_after_review (from the beginning of the first review that is known to the edit or
--   creation)
-- parameters: project (project; default null: all), category (name of a class; default null: all),
--   rows (rows at most, 1 or more; default 1000)
-- needs: label rows; labelhouse refresh
with reworked as (
    select
        label_work.*,
        if(label_work.rework = 'added' and not label_work.is_edited, label_work.created_by, label_work.last_edited_by)
            as person,
        if(label_work.rework = 'added' and not label_work.is_edited, label_work.created_at, label_work.last_edited_at)
            as reworked_at
    from label_work
    where label_work.rework is not null
)

select
    reworked.project,
    reworked.document_id,
    reworked.document_title,
    reworked.image_key,
    reworked.kind,
    reworked.label_id,
    reworked.category_name,
    reworked.rework,
    reworked.person,
    reworked.reworked_at,
    reworked.reviewed_at,
    date_diff('microsecond', reworked.reviewed_at, reworked.reworked_at) / 3.6e9 as hours_after_review
from reworked
where
    ($project is null or reworked.project = $project)
    and ($category is null or reworked.category_name = $category)
order by hours_after_review desc, reworked.document_key, reworked.kind, reworked.position
limit $rows::bigint;
