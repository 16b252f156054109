-- Content of the labels of history_chunk.
-- grain: label of one version of a document
-- columns: is_old, document_key, position, told (map from the name of a field to the text of its JSON value,
--   without the fields that the label lacks: category, bbox, area, iscrowd, segmentation, keypoints,
--   num_keypoints, rotation, manual_annotation, score, extra without ids, the fields of label rows, and
--   attributes.NAME)
-- needs: the variable people (hide_people.sql): old values that name people are then left out, tokens stay
create or replace temp view compared_labels as
with places as (
    select true as is_old, old_key as document_key, old_position as position, old_category as category
    from temp.main.history_chunk
    where old_key is not null
    union all
    select false, new_key, new_position, category
    from temp.main.history_chunk
    where new_key is not null
),

keypoint_lists as (
    select
        keypoints.document_key,
        keypoints.annotation_position as position,
        flatten(
            list([keypoints.x, keypoints.y, keypoints.visibility] order by keypoints.keypoint_index)
        ) as numbers
    from keypoints
    inner join places
        on places.document_key = keypoints.document_key
        and places.position = keypoints.annotation_position
    group by keypoints.document_key, keypoints.annotation_position
),

answers as (
    select
        attributes.document_key,
        attributes.annotation_position as position,
        attributes.name,
        attributes.origin,
        case
            when attributes.value_type = 'string' then to_json(attributes.value)::varchar
            when attributes.value_type = 'null' then 'null'
            when attributes.value_number = trunc(attributes.value_number)
                and abs(attributes.value_number) < 9007199254740992
                then attributes.value_number::bigint::varchar
            else attributes.value
        end as value
    from attributes
    inner join places
        on places.document_key = attributes.document_key
        and places.position = attributes.annotation_position
),

-- a name may occur several times, among the classifications, beside them, or in a list: then all values count
named_answers as (
    select
        document_key,
        position,
        name,
        if(count(*) = 1, any_value(value), concat('[', string_agg(value, ',' order by origin, value), ']')) as value
    from answers
    group by document_key, position, name
),

answer_lists as (
    select
        document_key,
        position,
        list({'field': concat('attributes.', name), 'value': value} order by name) as entries
    from named_answers
    group by document_key, position
),

fields as (
    select
        places.is_old,
        annotations.document_key,
        annotations.position,
        to_json(places.category)::varchar as category,
        if(
            coalesce(annotations.bbox_x, annotations.bbox_y, annotations.bbox_w, annotations.bbox_h) is null,
            null,
            to_json(
                [annotations.bbox_x, annotations.bbox_y, annotations.bbox_w, annotations.bbox_h]
            )::varchar
        ) as bbox,
        to_json(annotations.area)::varchar as area,
        annotations.iscrowd::varchar as iscrowd,
        case annotations.segmentation_kind
            when 'polygon' then to_json(annotations.polygons)::varchar
            when 'rle' then concat(
                '{"size":[', annotations.rle_height, ',', annotations.rle_width, '],"counts":',
                if(
                    json_valid(annotations.rle_counts),
                    annotations.rle_counts,
                    to_json(annotations.rle_counts)::varchar
                ),
                '}'
            )
        end as segmentation,
        to_json(keypoint_lists.numbers)::varchar as keypoints,
        annotations.num_keypoints::varchar as num_keypoints,
        to_json(annotations.rotation)::varchar as rotation,
        annotations.manual_annotation::varchar as manual_annotation,
        to_json(annotations.score)::varchar as score,
        to_json(annotations.created_at)::varchar as created_at,
        if(
            places.is_old
            and getvariable('people') is not null
            and not regexp_full_match(annotations.created_by, 'person-[0-9a-f]{20}'),
            null,
            to_json(annotations.created_by)::varchar
        ) as created_by,
        to_json(annotations.last_edited_at)::varchar as last_edited_at,
        if(
            places.is_old
            and getvariable('people') is not null
            and not regexp_full_match(annotations.last_edited_by, 'person-[0-9a-f]{20}'),
            null,
            to_json(annotations.last_edited_by)::varchar
        ) as last_edited_by,
        to_json(annotations.confidence)::varchar as confidence,
        to_json(annotations.feature_hash)::varchar as feature_hash,
        to_json(annotations.space)::varchar as space,
        annotations.object_number::varchar as object_number,
        annotations.geometry,
        to_json(annotations.polygon_rings)::varchar as polygon_rings,
        case
            when regexp_matches(
                annotations.extra, '"(id|image_id|category_id|track_id|encord_track_uuid)"'
            )
                then nullif(
                    json_merge_patch(
                        annotations.extra,
                        '{"id":null,"image_id":null,"category_id":null,"track_id":null}',
                        if(
                            json_type(annotations.extra, '$.attributes') = 'OBJECT',
                            '{"attributes":{"track_id":null,"encord_track_uuid":null}}',
                            '{}'
                        )
                    )::varchar,
                    '{}'
                )
            else annotations.extra
        end as extra,
        answer_lists.entries
    from annotations
    inner join places
        on places.document_key = annotations.document_key and places.position = annotations.position
    left join keypoint_lists
        on keypoint_lists.document_key = annotations.document_key
        and keypoint_lists.position = annotations.position
    left join answer_lists
        on answer_lists.document_key = annotations.document_key
        and answer_lists.position = annotations.position
),

-- tokens are null in plain, so that they are not taken for people
plain_texts as (
    select
        *,
        if(
            is_old and getvariable('people') is not null,
            regexp_replace(extra, '"person-[0-9a-f]{20}"', 'null', 'g'),
            null
        ) as plain
    from fields
),

nested_people as (
    select
        *,
        regexp_extract_all(plain, getvariable('people').objects) as objects,
        regexp_extract_all(plain, getvariable('people').lists) as lists
    from plain_texts
),

without_people as (
    select
        * exclude (extra, entries, plain, objects, lists),
        case
            when plain is null then extra
            -- a nested value is not taken apart: the whole text goes
            when len(regexp_extract_all(plain, getvariable('people').nested)) > len(objects) + len(lists)
                or len(list_filter(objects, lambda one: regexp_matches(one, ':(?:"|-?[0-9])'))) > 0
                or len(list_filter(lists, lambda one: regexp_matches(one, '[\[,](?:"|-?[0-9])'))) > 0
                then '"[removed]"'
            when regexp_matches(plain, getvariable('people').keys)
                or len(
                    list_filter(
                        regexp_extract_all(plain, getvariable('people').addresses),
                        lambda address: not regexp_full_match(address, getvariable('people').files)
                    )
                ) > 0
                then regexp_replace(
                    regexp_replace(extra, getvariable('people').keys, '"\1":null', 'g'),
                    getvariable('people').addresses,
                    '[removed]',
                    'g'
                )
            else extra
        end as extra,
        if(
            is_old and getvariable('people') is not null,
            list_filter(
                entries,
                lambda entry: not regexp_full_match(entry.field, getvariable('people').fields)
                or regexp_full_match(
                    entry.value, 'null|\[?"person-[0-9a-f]{20}"(,"person-[0-9a-f]{20}")*\]?'
                )
            ),
            entries
        ) as entries
    from nested_people
)

select
    is_old,
    document_key,
    position,
    map_from_entries(
        list_concat(
            list_filter(
                [
                    {'field': 'category', 'value': category},
                    {'field': 'bbox', 'value': bbox},
                    {'field': 'area', 'value': area},
                    {'field': 'iscrowd', 'value': iscrowd},
                    {'field': 'segmentation', 'value': segmentation},
                    {'field': 'keypoints', 'value': keypoints},
                    {'field': 'num_keypoints', 'value': num_keypoints},
                    {'field': 'rotation', 'value': rotation},
                    {'field': 'manual_annotation', 'value': manual_annotation},
                    {'field': 'score', 'value': score},
                    {'field': 'extra', 'value': extra},
                    {'field': 'created_at', 'value': created_at},
                    {'field': 'created_by', 'value': created_by},
                    {'field': 'last_edited_at', 'value': last_edited_at},
                    {'field': 'last_edited_by', 'value': last_edited_by},
                    {'field': 'confidence', 'value': confidence},
                    {'field': 'feature_hash', 'value': feature_hash},
                    {'field': 'space', 'value': space},
                    {'field': 'object_number', 'value': object_number},
                    {'field': 'geometry', 'value': geometry},
                    {'field': 'polygon_rings', 'value': polygon_rings}
                ],
                lambda entry: entry.value is not null
            ),
            entries
        )
    ) as told
from without_people;
