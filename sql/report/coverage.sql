-- Images with and without labels, and the share of their area under a box.
-- grain: project
-- columns: project, images, labelled, unlabelled, labelled_share (0 to 1), covered_share (0 to 1)
-- parameters: project (null for all)
select
    project,
    image_count as images,
    labelled_image_count as labelled,
    unlabelled_image_count as unlabelled,
    labelled_share,
    covered_share
from image_coverage
where $project is null or project = $project
order by images desc, project;
