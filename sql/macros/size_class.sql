-- COCO's size class, by the area of the bounding box: masks, lines and skeletons have no comparable area.
-- parameters: bbox_w, bbox_h
-- returns: small (below 32 x 32 square pixels), medium (below 96 x 96) or large; null for points and unknown boxes
create or replace macro size_class(bbox_w, bbox_h) as
    case
        when bbox_w is null or bbox_h is null or bbox_w < 0 or bbox_h < 0 or (bbox_w = 0 and bbox_h = 0) then null
        when bbox_w * bbox_h < 1024 then 'small'
        when bbox_w * bbox_h < 9216 then 'medium'
        else 'large'
    end;
