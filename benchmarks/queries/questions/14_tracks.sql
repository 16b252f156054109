-- How long are tracks: images per object of a document? The longest.
select
    document_key,
    coalesce(encord_track_uuid, track_id::varchar) as track,
    count(distinct image_id) as image_count,
    count(distinct category_id) as category_count
from annotations
where encord_track_uuid is not null or track_id is not null
group by all
order by image_count desc, document_key, track
limit 100;
