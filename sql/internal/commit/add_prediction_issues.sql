-- Store the issues of predictions that only the project shows: unknown images and classes, and missing scores.
-- grain: prediction, issue
-- columns: those of prediction_issues
insert into prediction_issues
with judged as (
    select
        set_key,
        position,
        unnest([
            case
                when not is_known_id then {
                    'key': 'image_id', 'code': 'DANGLING_REF', 'message': 'image_id: no image of the project has it'
                }
                when image_key is null then {
                    'key': 'image_id', 'code': 'DUPLICATE_ID',
                    'message': 'image_id: several documents of the project have it'
                }
            end,
            case
                when image_key is not null and category_id is not null and category_name is null then {
                    'key': 'category_id', 'code': 'DANGLING_REF',
                    'message': 'category_id: no category of the image''s document has it'
                }
            end,
            case
                when score is null then {
                    'key': 'score', 'code': 'MISSING_FIELD', 'message': 'score: missing'
                }
            end,
            case
                when not has_place then {
                    'key': 'bbox', 'code': 'MISSING_FIELD', 'message': 'no bbox, segmentation or keypoints'
                }
            end
        ]) as issue
    from temp.main.prediction_rows as prediction_rows
)

select set_key, position, concat('/', position, '/', issue.key), issue.code, issue.message, null
from judged
where issue is not null;
