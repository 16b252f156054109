"""Tiny exports in Encord's dialect and in plain COCO."""

from typing import Any


def unit(name: str = "a", labels: int = 3, shift: float = 0.0) -> dict[str, Any]:
    """One data unit of an Encord export; `shift` moves all of its boxes."""
    empty = dict.fromkeys(("contributor", "date_created", "url", "version", "year"))
    return {
        "info": {"description": f"{name}.jpg", **empty},
        "categories": [{"supercategory": "bounding_box", "id": 1, "name": "Car"}],
        "images": [{"coco_url": "", "id": 0, "file_name": f"images/{name}.jpg", "height": 20, "width": 30}],
        "annotations": [
            {
                "id": index,
                "image_id": 0,
                "category_id": 1,
                "bbox": [shift + index, 2.0, 3.0, 4.0],
                "area": 12.0,
                "iscrowd": 0,
                "segmentation": [],
                "keypoints": None,
                "num_keypoints": None,
                "attributes": {
                    "track_id": index,
                    "encord_track_uuid": f"uu{index}",
                    "classifications": {"Colour": "red"},
                    "manual_annotation": True,
                },
            }
            for index in range(labels)
        ],
    }


def plain(labels: int = 2) -> dict[str, Any]:
    """One COCO object that no Encord wrote."""
    return {
        "images": [{"id": 7, "file_name": "a/b.jpg", "width": 30, "height": 20}],
        "annotations": [
            {"id": index, "image_id": 7, "category_id": 3, "bbox": [index, 1, 2, 3], "area": 6}
            for index in range(labels)
        ],
        "categories": [{"id": 3, "name": "thing"}],
    }
