"""The sections of a COCO document, and the keys of their records that columns hold."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Section(StrEnum):
    """The arrays of records of a COCO document."""

    IMAGES = "images"
    CATEGORIES = "categories"
    ANNOTATIONS = "annotations"


RECORD_KEYS: Final[Mapping[Section, tuple[str, ...]]] = {
    Section.IMAGES: (
        "id",
        "file_name",
        "width",
        "height",
        "coco_url",
        "image_title",
        "video_title",
    ),
    Section.CATEGORIES: ("id", "name", "supercategory", "keypoints", "skeleton"),
    Section.ANNOTATIONS: (
        "id",
        "image_id",
        "category_id",
        "bbox",
        "area",
        "iscrowd",
        "segmentation",
        "keypoints",
        "num_keypoints",
        "track_id",
        "score",
        "attributes",
    ),
}
"""Keys that a block delivers as columns; every other key of a record is in its `extra`."""

ANGLE_KEYS: Final = ("angle", "rotation")
"""Keys of a label beside its attributes that hold its rotation; `angle` may be among the attributes too."""

VIDEO_KEYS: Final = frozenset({"bboxes", "segmentations"})
"""Keys of an object of YouTube-VIS that hold one entry per frame of its video."""
