-- What an annotation record holds, from its geometry and the keys in extra: captions of images and the records
-- of panoptic exports have none of a label's columns.
-- parameters: extra, bbox_w, segmentation_kind
-- returns: label; caption, for a record with a caption and neither box nor segmentation; or panoptic, for one with
--   a list segments_info
create or replace macro record_kind(extra, bbox_w, segmentation_kind) as
    case
        when extra is null or bbox_w is not null or segmentation_kind <> 'none' then 'label'
        when extra like '%"segments_info"%' and json_type(extra, '$.segments_info') = 'ARRAY' then 'panoptic'
        when extra like '%"caption"%' and json_type(extra, '$.caption') = 'VARCHAR' then 'caption'
        else 'label'
    end;
