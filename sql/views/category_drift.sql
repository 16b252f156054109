-- How far the share of each class moved from one night to the next, and how much it adds to the stability index.
-- grain: project, night, class (nights with an ingest that changed the project, except the first)
-- columns: project, night (day on which the ingest began, UTC), previous_night (night it is compared with),
--   category_name, label_count (labels after the night), previous_label_count (labels after the previous night),
--   label_share (share of the project's labels after the night, 0 to 1), previous_label_share (share after the
--   previous night), psi (the class's part of the population stability index, (p - q) ln(p / q); a share of 0
--   counts as 0.0001)
create or replace view category_drift as
with nights as (
    select mart.project, mart.ingested_at::date as night, max(mart.ingest_number) as ingest_number
    from mart_class_history as mart
    group by mart.project, mart.ingested_at::date
),

pairs as (
    select
        nights.project,
        nights.night,
        nights.ingest_number,
        lag(nights.night) over project_nights as previous_night,
        lag(nights.ingest_number) over project_nights as previous_ingest_number
    from nights
    window project_nights as (partition by nights.project order by nights.night)
),

counts as (
    select
        pairs.project,
        pairs.night,
        pairs.previous_night,
        mart.category_name,
        coalesce(sum(mart.label_count) filter (where mart.ingest_number = pairs.ingest_number), 0)::bigint
            as label_count,
        coalesce(
            sum(mart.label_count) filter (where mart.ingest_number = pairs.previous_ingest_number), 0
        )::bigint as previous_label_count
    from pairs
    inner join mart_class_history as mart
        on mart.project = pairs.project
        and mart.ingest_number in (pairs.ingest_number, pairs.previous_ingest_number)
    where pairs.previous_ingest_number is not null
    group by pairs.project, pairs.night, pairs.previous_night, mart.category_name
),

shares as (
    select
        counts.*,
        counts.label_count / nullif(sum(counts.label_count) over project_night, 0) as label_share,
        counts.previous_label_count / nullif(sum(counts.previous_label_count) over project_night, 0)
            as previous_label_share
    from counts
    window project_night as (partition by counts.project, counts.night)
)

select
    shares.project,
    shares.night,
    shares.previous_night,
    shares.category_name,
    shares.label_count,
    shares.previous_label_count,
    shares.label_share,
    shares.previous_label_share,
    (greatest(shares.label_share, 0.0001) - greatest(shares.previous_label_share, 0.0001))
    * ln(greatest(shares.label_share, 0.0001) / greatest(shares.previous_label_share, 0.0001)) as psi
from shares;
