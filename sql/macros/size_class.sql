-- COCO's size class, by the area that the label states, as pycocotools takes it; by its bounding box where it
-- states none.
-- parameters: bbox_w, bbox_h, area (square pixels; default 0: none is stated)
-- returns: small (below 32 x 32 square pixels), medium (below 96 x 96) or large; null for points, and for labels of
--   unknown extent
create or replace macro size_class(bbox_w, bbox_h, area := 0.0) as
    case
        when bbox_w < 0 or bbox_h < 0 then null
        when area > 0 then
            case when area < 1024 then 'small' when area < 9216 then 'medium' else 'large' end
        when bbox_w is null or bbox_h is null or (bbox_w = 0 and bbox_h = 0) then null
        when bbox_w * bbox_h < 1024 then 'small'
        when bbox_w * bbox_h < 9216 then 'medium'
        else 'large'
    end;
