-- Read an export with DuckDB's JSON reader, records as JSON, and cast column by column: what is left
-- to do where typed columns fail on mixed types, and what keeps unknown keys.
-- variables: sources (paths), name (of the file), project, object_bytes (limit of one JSON object)
create temp table exports as
select
    row_number() over () - 1 as document_key,
    json as members
from read_json(
    getvariable('sources'),
    maximum_object_size = getvariable('object_bytes'),
    records = false,
    columns = {json: 'MAP(VARCHAR, JSON)'}
);

create temp table export_documents as
select
    document_key,
    members['info'] ->> '$.description' as title,
    md5(members['categories']::varchar) as category_set,
    json_array_length(members['images']) as image_count,
    json_array_length(members['annotations']) as annotation_count,
    nullif(
        map_from_entries(
            list_filter(
                map_entries(members),
                lambda member: member.key not in ('images', 'categories', 'annotations')
            )
        )::json,
        '{}'
    ) as extra
from exports;

create temp table export_images as
with lists as (
    select document_key, members['images']::json[] as images
    from exports
),

records as (
    select
        document_key,
        unnest(images) as record,
        generate_subscripts(images, 1) - 1 as position
    from lists
),

typed as (
    select
        document_key,
        position,
        json_transform(
            record,
            '{
                "id": "VARCHAR", "file_name": "VARCHAR", "width": "VARCHAR", "height": "VARCHAR",
                "coco_url": "VARCHAR", "image_title": "VARCHAR", "video_title": "VARCHAR"
            }'
        ) as image,
        json_merge_patch(
            record,
            '{
                "id": null, "file_name": null, "width": null, "height": null,
                "coco_url": null, "image_title": null, "video_title": null
            }'
        )::varchar as extra
    from records
)

select
    document_key,
    position,
    image.id::bigint as image_id,
    image.file_name,
    coalesce(image.image_title, image.video_title) as title,
    image.width::bigint as width,
    image.height::bigint as height,
    split_part(image.coco_url, '?', 1) as coco_url,
    nullif(extra, '{}') as extra
from typed;

create temp table export_categories as
with lists as (
    select
        md5(members['categories']::varchar) as category_set,
        members['categories']::json[] as categories
    from exports
    qualify row_number() over (partition by category_set order by document_key) = 1
),

records as (
    select
        category_set,
        unnest(categories) as record,
        generate_subscripts(categories, 1) - 1 as position
    from lists
),

typed as (
    select
        category_set,
        position,
        json_transform(
            record,
            '{
                "id": "VARCHAR", "name": "VARCHAR", "supercategory": "VARCHAR",
                "keypoints": "JSON", "skeleton": "JSON"
            }'
        ) as category,
        json_merge_patch(
            record,
            '{"id": null, "name": null, "supercategory": null, "keypoints": null, "skeleton": null}'
        )::varchar as extra
    from records
)

select
    category_set,
    position,
    category.id::bigint as category_id,
    category.name,
    category.supercategory,
    case
        when json_type(category.keypoints) = 'VARCHAR' then [category.keypoints ->> '$']
        else category.keypoints::varchar[]
    end as keypoints,
    category.skeleton::bigint[][] as skeleton,
    nullif(extra, '{}') as extra
from typed;

create temp table export_labels as
with lists as (
    select document_key, members['annotations']::json[] as annotations
    from exports
),

records as (
    select
        document_key,
        unnest(annotations) as record,
        generate_subscripts(annotations, 1) - 1 as position
    from lists
),

-- Materialized, because a cast inside `case` would else also meet the values of other branches.
typed as materialized (
    select
        document_key,
        position,
        json_transform(
            record,
            '{
                "id": "VARCHAR", "image_id": "VARCHAR", "category_id": "VARCHAR", "bbox": "JSON",
                "area": "VARCHAR", "iscrowd": "VARCHAR", "segmentation": "JSON",
                "keypoints": "JSON", "num_keypoints": "VARCHAR", "track_id": "VARCHAR",
                "score": "VARCHAR", "attributes": "JSON"
            }'
        ) as label,
        json_merge_patch(
            record,
            '{
                "id": null, "image_id": null, "category_id": null, "bbox": null, "area": null,
                "iscrowd": null, "segmentation": null, "keypoints": null, "num_keypoints": null,
                "track_id": null, "score": null, "attributes": null
            }'
        )::varchar as extra
    from records
)

select
    document_key,
    position,
    label.id::bigint as annotation_id,
    label.image_id::bigint as image_id,
    label.category_id::bigint as category_id,
    label.bbox::double[] as bbox,
    label.area::double as area,
    case label.iscrowd
        when 'true' then 1
        when 'false' then 0
        else label.iscrowd::bigint
    end as iscrowd,
    case
        when json_type(label.segmentation) = 'OBJECT' then 'rle'
        when json_array_length(label.segmentation) > 0 then 'polygon'
        else 'none'
    end as segmentation_kind,
    case
        when json_type(label.segmentation) != 'ARRAY' then null
        when json_type(label.segmentation, '$[0]') = 'ARRAY' then label.segmentation::double[][]
        when json_array_length(label.segmentation) = 0 then []
        else [label.segmentation::double[]]
    end as polygons,
    (label.segmentation ->> '$.size[0]')::bigint as rle_height,
    (label.segmentation ->> '$.size[1]')::bigint as rle_width,
    label.segmentation ->> '$.counts' as rle_counts,
    case
        when json_type(label.keypoints, '$[0]') = 'ARRAY'
            then flatten(
                list_transform(
                    label.keypoints::double[][],
                    lambda point: [point[1], point[2], point[3]]
                )
            )
        else label.keypoints::double[]
    end as keypoints,
    label.num_keypoints::bigint as num_keypoints,
    label.track_id::bigint as track_id,
    label.score::double as score,
    label.attributes,
    nullif(extra, '{}') as extra
from typed;

drop table exports;
