-- What a comparison covers, and what it leaves out.
-- grain: one row
-- columns: images (of both sides), reference_only and other_only (images of one side alone), crowd_labels (labels
--   of crowds), unmeasured_labels (labels without a box), crowded_images (whose labels lie too close together)
select
    (select count(*) from temp.main.common_images) as images,
    (
        select count(*)
        from temp.main.reference_images
        where image_key not in (select image_key from temp.main.common_images)
    ) as reference_only,
    (
        select count(*)
        from temp.main.other_images
        where image_key not in (select other_key from temp.main.common_images)
    ) as other_only,
    (select count(*) from temp.main.reference_labels where is_crowd)
    + (select count(*) from temp.main.other_labels where is_crowd) as crowd_labels,
    (select count(*) from temp.main.reference_labels where w is null)
    + (select count(*) from temp.main.other_labels where w is null) as unmeasured_labels,
    (select count(*) from temp.main.crowded_images) as crowded_images;
