-- Masks of another size than their image, and crowd flags that do not fit the label.
-- grain: label
-- columns: project, document_id, document_key, image_key, annotation_position, label_id (identity of the
--   label within the image), what (in words), cause, severity
-- severity: error
-- explanation: A mask in run lengths covers the whole image, row and column for row and column. COCO's evaluation
--   ignores crowds, which are masks; a polygon with that flag is left out of it by mistake. Values other than 0
--   and 1 mean nothing.
with flawed as (
    select
        annotations.document_key,
        annotations.position,
        case
            when annotations.iscrowd not in (0, 1) then concat('iscrowd ', annotations.iscrowd)
            when annotations.segmentation_kind = 'polygon' then 'a polygon with iscrowd 1'
            else concat(
                'mask of ', annotations.rle_width, ' x ', annotations.rle_height, ' on an image of ',
                image_sizes.width, ' x ', image_sizes.height
            )
        end as what,
        case
            when annotations.iscrowd not in (0, 1) then 'crowd flag neither 0 nor 1'
            when annotations.segmentation_kind = 'polygon' then 'crowd flag on a polygon'
            when annotations.rle_width = image_sizes.height and annotations.rle_height = image_sizes.width
                then 'mask with width and height swapped'
            else 'mask of another size than its image'
        end as cause,
        if(annotations.segmentation_kind = 'rle' and annotations.iscrowd in (0, 1), 'error', 'warning') as severity
    from annotations
    left join image_sizes
        on image_sizes.document_key = annotations.document_key and image_sizes.image_id = annotations.image_id
    where
        annotations.iscrowd not in (0, 1)
        or (annotations.iscrowd = 1 and annotations.segmentation_kind = 'polygon')
        or (
            annotations.segmentation_kind = 'rle'
            and (annotations.rle_width <> image_sizes.width or annotations.rle_height <> image_sizes.height)
        )
)

select
    labels.project,
    labels.document_id,
    labels.document_key,
    labels.image_key,
    labels.position as annotation_position,
    labels.label_id,
    flawed.what,
    flawed.cause,
    flawed.severity
from flawed
inner join labels on labels.document_key = flawed.document_key and labels.position = flawed.position
order by labels.document_key, labels.position;
