-- Labels with class, shape, box and size, with their document and image: the facts behind most charts. Heavy
-- geometry (polygons, masks, keypoints) stays in the warehouse.
-- grain: label
-- columns: document_key, position, label_id (Identity of the label within its image, stable over exports),
--   project (Project of the document), document_id (Document of the label), document_title (Title of the
--   document), media_type (image, video, dicom, nifti or pdf), image_id, image_key (Stable identity of the image
--   within the project: data hash and frame, else file name), frame (Frame, slice or page of the image; null for
--   single images), image_width (Width of the image, pixels), image_height (Height of the image, pixels),
--   category_id, category_name (Name of the label's category (class)), supercategory (supercategory as exported;
--   in Encord exports the shape), shape (bounding_box, rotatable_bounding_box, polygon, polyline, bitmask, point
--   or skeleton; where the supercategory does not give it, it follows from the label's geometry; none for a
--   label without geometry), segmentation_kind, bbox_x, bbox_y, bbox_w, bbox_h, bbox_area (Width times height of
--   the bounding box, square pixels), area, size_class (small (bounding box under 32 x 32 pixels), medium (under
--   96 x 96) or large, as in COCO; null without an extent (points, labels without a box)), centre_x (Centre of
--   the bounding box as a share of the image's width, 0 (left) to 1), centre_y (Centre of the bounding box as a
--   share of the image's height, 0 (top) to 1), iscrowd, num_keypoints, rotation, score, track_id,
--   encord_track_uuid, manual_annotation, drawn_by (manual, automated, or unknown where the export does not
--   say), ingest_id (Ingest that wrote this version of the document), ingest_number (Number of that ingest),
--   night (Day of that ingest, UTC)
-- parameters: first_key (first document key), last_key (last one)
-- needs: the temp table new_documents
select
    labels.document_key,
    labels.position,
    labels.label_id,
    labels.project,
    labels.document_id,
    labels.document_title,
    labels.media_type,
    labels.image_id,
    labels.image_key,
    labels.frame,
    labels.width as image_width,
    labels.height as image_height,
    labels.category_id,
    labels.category_name,
    labels.supercategory,
    lake.main.label_shape(
        labels.supercategory, labels.segmentation_kind, labels.num_keypoints, labels.rotation, labels.bbox_w
    ) as shape,
    labels.segmentation_kind,
    labels.bbox_x,
    labels.bbox_y,
    labels.bbox_w,
    labels.bbox_h,
    labels.bbox_w * labels.bbox_h as bbox_area,
    labels.area,
    lake.main.size_class(labels.bbox_w, labels.bbox_h, labels.area) as size_class,
    (labels.bbox_x + labels.bbox_w / 2) / nullif(labels.width, 0) as centre_x,
    (labels.bbox_y + labels.bbox_h / 2) / nullif(labels.height, 0) as centre_y,
    labels.iscrowd,
    labels.num_keypoints,
    labels.rotation,
    labels.score,
    labels.track_id,
    labels.encord_track_uuid,
    labels.manual_annotation,
    case labels.manual_annotation when true then 'manual' when false then 'automated' else 'unknown' end
        as drawn_by,
    labels.ingest_id,
    documents.ingest_number,
    documents.night
from lake.main.labels as labels
inner join published.main.documents as documents on documents.document_key = labels.document_key
where
    labels.document_key between $first_key and $last_key
    and labels.document_key in (select document_key from temp.main.new_documents);
