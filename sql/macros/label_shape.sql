-- Shape of a label: Encord gives it as the supercategory; in other exports it follows from the label's geometry.
-- parameters: supercategory, segmentation_kind, num_keypoints, rotation, bbox_w
-- returns: bounding_box, rotatable_bounding_box, polygon, polyline, bitmask, point or skeleton; none without geometry
create or replace macro label_shape(supercategory, segmentation_kind, num_keypoints, rotation, bbox_w) as
    case
        when supercategory in (
            'bounding_box', 'rotatable_bounding_box', 'polygon', 'polyline', 'bitmask', 'point', 'skeleton'
        ) then supercategory
        when num_keypoints > 0 then 'skeleton'
        when rotation % 180 <> 0 then 'rotatable_bounding_box'
        when segmentation_kind = 'rle' then 'bitmask'
        when segmentation_kind = 'polygon' then 'polygon'
        when bbox_w is not null then 'bounding_box'
        else 'none'
    end;
