-- Read an export with DuckDB's JSON reader and a type for every column that COCO names.
-- Keys that are not named here are dropped, and a value of another type fails the whole file.
-- variables: sources (paths), name (of the file), project, object_bytes (limit of one JSON object)
create temp table exports as
select
    row_number() over () - 1 as document_key,
    columns(*)
from read_json(
    getvariable('sources'),
    maximum_object_size = getvariable('object_bytes'),
    columns = {
        info: 'JSON',
        licenses: 'JSON',
        images: 'STRUCT(
            id BIGINT, file_name VARCHAR, width BIGINT, height BIGINT,
            coco_url VARCHAR, image_title VARCHAR, video_title VARCHAR
        )[]',
        categories: 'STRUCT(
            id BIGINT, name VARCHAR, supercategory VARCHAR, keypoints VARCHAR[], skeleton BIGINT[][]
        )[]',
        annotations: 'STRUCT(
            id BIGINT, image_id BIGINT, category_id BIGINT, bbox DOUBLE[], area DOUBLE,
            iscrowd BIGINT, segmentation DOUBLE[][], keypoints DOUBLE[], num_keypoints BIGINT,
            track_id BIGINT, score DOUBLE, attributes JSON
        )[]'
    }
);

create temp table export_documents as
select
    document_key,
    info ->> '$.description' as title,
    md5(categories::varchar) as category_set,
    len(images) as image_count,
    len(annotations) as annotation_count,
    json_object('info', info, 'licenses', licenses) as extra
from exports;

create temp table export_images as
with records as (
    select
        document_key,
        unnest(images) as image,
        generate_subscripts(images, 1) - 1 as position
    from exports
)

select
    document_key,
    position,
    image.id as image_id,
    image.file_name,
    coalesce(image.image_title, image.video_title) as title,
    image.width,
    image.height,
    split_part(image.coco_url, '?', 1) as coco_url,
    null::varchar as extra
from records;

create temp table export_categories as
with first_documents as (
    select *
    from exports
    qualify row_number() over (partition by md5(categories::varchar) order by document_key) = 1
),

records as (
    select
        md5(categories::varchar) as category_set,
        unnest(categories) as category,
        generate_subscripts(categories, 1) - 1 as position
    from first_documents
)

select
    category_set,
    position,
    category.id as category_id,
    category.name,
    category.supercategory,
    category.keypoints,
    category.skeleton,
    null::varchar as extra
from records;

create temp table export_labels as
with records as (
    select
        document_key,
        unnest(annotations) as label,
        generate_subscripts(annotations, 1) - 1 as position
    from exports
)

select
    document_key,
    position,
    label.id as annotation_id,
    label.image_id,
    label.category_id,
    label.bbox,
    label.area,
    label.iscrowd,
    if(len(label.segmentation) > 0, 'polygon', 'none') as segmentation_kind,
    label.segmentation as polygons,
    null::bigint as rle_height,
    null::bigint as rle_width,
    null::varchar as rle_counts,
    label.keypoints,
    label.num_keypoints,
    label.track_id,
    label.score,
    label.attributes,
    null::varchar as extra
from records;

drop table exports;
