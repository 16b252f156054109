-- Write the tables that duckdb_typed.sql or duckdb_json.sql made as Parquet files in the working folder.
-- variables: name (of the file), project
copy (
    select
        document_key,
        getvariable('project') as project,
        getvariable('name') || '#' || (document_key + 1) as document_id,
        title,
        getvariable('name') as source,
        document_key as position,
        category_set,
        image_count,
        annotation_count,
        extra
    from export_documents
) to 'documents.parquet' (format parquet, compression zstd);

copy (
    with named as (
        select
            *,
            regexp_extract(
                file_name,
                '^(images|videos|dicom|nifti|pdfs)/([^/]+?)(?:\.[^./]*$|/(.+?)(?:\.jpg)?$)',
                ['folder', 'data_hash', 'frame']
            ) as parts
        from export_images
    )

    select
        document_key,
        position,
        image_id,
        case
            when parts.folder = '' then file_name
            when parts.frame = '' then parts.data_hash
            else parts.data_hash || '/' || parts.frame
        end as image_key,
        file_name,
        title,
        case parts.folder
            when 'videos' then 'video'
            when 'pdfs' then 'pdf'
            when 'dicom' then 'dicom'
            when 'nifti' then 'nifti'
            else 'image'
        end as media_type,
        nullif(parts.data_hash, '') as data_hash,
        try_cast(split_part(parts.frame, '/', -1) as bigint) as frame,
        width,
        height,
        coco_url,
        extra
    from named
) to 'images.parquet' (format parquet, compression zstd);

copy (
    select *
    from export_categories
) to 'categories.parquet' (format parquet, compression zstd);

copy (
    select
        document_key,
        position,
        annotation_id,
        image_id,
        category_id,
        bbox[1] as bbox_x,
        bbox[2] as bbox_y,
        bbox[3] as bbox_w,
        bbox[4] as bbox_h,
        area,
        iscrowd,
        segmentation_kind,
        polygons,
        rle_height,
        rle_width,
        rle_counts,
        num_keypoints,
        coalesce((attributes ->> '$.track_id')::bigint, track_id) as track_id,
        attributes ->> '$.encord_track_uuid' as encord_track_uuid,
        (attributes ->> '$.rotation')::double as rotation,
        (attributes ->> '$.manual_annotation')::boolean as manual_annotation,
        score,
        extra
    from export_labels
) to 'annotations.parquet' (format parquet, compression zstd);

copy (
    with points as (
        select
            document_key,
            position,
            annotation_id,
            keypoints,
            unnest(range(len(keypoints) // 3)) as keypoint_index
        from export_labels
    )

    select
        document_key,
        position as annotation_position,
        annotation_id,
        keypoint_index,
        keypoints[3 * keypoint_index + 1] as x,
        keypoints[3 * keypoint_index + 2] as y,
        keypoints[3 * keypoint_index + 3] as visibility
    from points
) to 'keypoints.parquet' (format parquet, compression zstd);

copy (
    with answers as (
        select
            export_labels.document_key,
            export_labels.position,
            export_labels.annotation_id,
            answer.key as name,
            'attribute' as origin,
            answer.value,
            answer.type,
            answer.atom
        from export_labels, json_each(export_labels.attributes) as answer
        where
            answer.key not in (
                'track_id', 'encord_track_uuid', 'rotation', 'manual_annotation', 'classifications'
            )
        union all
        select
            export_labels.document_key,
            export_labels.position,
            export_labels.annotation_id,
            answer.key,
            'classification',
            answer.value,
            answer.type,
            answer.atom
        from export_labels, json_each(export_labels.attributes, '$.classifications') as answer
    )

    select
        document_key,
        position as annotation_position,
        annotation_id,
        name,
        if(name = '#relation', 'relation', origin) as origin,
        if(type in ('OBJECT', 'ARRAY'), value::varchar, atom ->> '$') as value,
        case
            when type = 'VARCHAR' then 'string'
            when type in ('BIGINT', 'UBIGINT', 'DOUBLE') then 'number'
            when type = 'BOOLEAN' then 'boolean'
            when type = 'NULL' then 'null'
            else 'json'
        end as value_type,
        if(type in ('BIGINT', 'UBIGINT', 'DOUBLE'), (atom ->> '$')::double, null) as value_number,
        if(type = 'BOOLEAN', (atom ->> '$')::boolean, null) as value_boolean
    from answers
) to 'attributes.parquet' (format parquet, compression zstd);
