"""Documents as tools other than Encord write them, one of each kind."""

from collections.abc import Mapping
from typing import Any

from tests.support.aliases import Record

CAR = {"id": 1, "name": "car", "supercategory": "vehicle"}
IMAGE = {"id": 1, "width": 640, "height": 480, "file_name": "a.jpg"}
JOINTS = {"id": 1, "name": "hand", "keypoints": ["a", "b", "c", "d"], "skeleton": []}


def label(**keys: Any) -> Record:
    """One label of a car, without an id of its own."""
    return {"image_id": 1, "category_id": 1, **keys}


def document(*labels: Record, **keys: Any) -> Record:
    numbered = [{"id": number, **one} for number, one in enumerate(labels)]
    return {"images": [IMAGE], "annotations": numbered, "categories": [CAR], **keys}


def images(*records: Record) -> Record:
    sized = [{"id": number, "width": 4, "height": 4, **record} for number, record in enumerate(records)]
    return {"images": sized, "annotations": [], "categories": [CAR]}


VARIANTS: Mapping[str, Any] = {
    "no_annotations.json": {"images": None, "annotations": None, "categories": None},
    "null_images.json": [{"images": None, "annotations": [], "categories": [CAR]}, document()],
    "turned.json": document(
        label(bbox=[10, 20, 4, 2, 90]),
        label(bbox=[10.5, 20.5, 3.0, 1.0, -12.5], attributes={"rotation": 7, "colour": "red"}),
        label(bbox=[1, 2, 3, 4], angle=30),
        label(bbox=[1, 2, 3, 4], rotation=-30.5),
        label(bbox=[1, 2, 3, 4], attributes={"angle": 45, "rotation": None}),
        label(bbox=[1, 2, 3, 4], attributes={"angle": 45, "rotation": 5}),
        label(bbox=[1, 2, 3, 4], angle="steep", attributes={"rotation": 5.5}),
        label(bbox=[1, 2, 3, 4], angle=60, attributes={"rotation": "8"}),
        label(bbox=["10", 20, 4, -2, 0]),
        label(bbox=[1, 2, 3, 4], attributes={"rotation": 3}),
    ),
    "turned_encord_keys.json": document(
        label(bbox=[10, 20, 4, 2, 90], attributes={"rotation": 7}),
        label(bbox=[1, 2, 3, 4], angle=8, attributes={"rotation": 7}),
        label(bbox=[1, 2, 3, 4], attributes={"rotation": 7}),
    ),
    "turned_list.json": [document(label(bbox=[10, 20, 4, 2, 90])), document(label(bbox=[1, 2, 3, 4]))],
    "rings.json": document(
        label(segmentation=[[]]),
        label(segmentation=[[], []]),
        label(segmentation=[[1, 1, 6, 1, 6, 6], [], [2, 2, 3, 2, 3, 3]]),
        label(segmentation=[]),
        label(segmentation=None),
        label(),
        label(segmentation=[["1", 1, 6, 1, 6, 6], []]),
        label(segmentation=[[1, 1, 6, 1, 6, 6]]),
        label(segmentation={"size": [2, 2], "counts": [4]}),
    ),
    "rings_of_points.json": document(
        label(segmentation=[[1, 1], [6, 1], [6, 6]]),
        label(segmentation=[[[1, 1], [6, 1], [6, 6]], [[2, 2], [3, 2], [3.5, 3]]]),
        label(segmentation=[[1, 1]]),
        label(segmentation=[[1, 1], [6, 1, 6, 6, 1, 6]]),
        label(segmentation=[[1, 1], [6, 1]]),
        label(segmentation=[[1, 1, 6, 1, 6, 6], [[2, 2], [3, 2], [3, 3]]]),
    ),
    "rings_of_points_alone.json": document(
        label(segmentation=[[1.5, 1], [6, 1], [], [6, 6]]), label(segmentation=[[1, 1, 6, 1, 6, 6]])
    ),
    "flags.json": {
        "images": [IMAGE | {"width": -640, "height": 0}],
        "annotations": [
            {"id": n, **label(iscrowd=iscrowd)} for n, iscrowd in enumerate((-1, 0, 1, 2, None, True))
        ],
        "categories": [CAR],
    },
    "points.json": document(
        label(keypoints=[1, 2, 3, 4], num_keypoints=2),
        label(keypoints=[1, 2, 3, 4, 5, 6, 7, 8], num_keypoints=4),
        label(keypoints=[1, 2, 2, 3, 4, 1, 5, 6, 0, 7, 8, 2], num_keypoints=3),
        label(keypoints=[1, 2, 3, 4, 5, 6]),
        label(keypoints=[1, 2, 0.5, 3, 4, 7, 5, 6, -1, 7, 8, 2]),
        label(keypoints=[], num_keypoints=0),
        label(keypoints=None),
        label(keypoints=[[1, 2], [3, 4]], num_keypoints=2),
        categories=[JOINTS],
    ),
    "pairs_of_three.json": document(
        label(keypoints=[1, 2, 3, 4, 5, 6]),
        categories=[JOINTS | {"keypoints": ["a", "b", "c"]}],
    ),
    "lists.json": document(
        label(attributes=["red", 3, True, None, {"a": 1, "b": [2]}, {"key": "k", "value": "v"}]),
        label(attributes=[{"name": "n", "value": None, "id": 4}, {"name": "n", "value": 2}]),
        label(attributes=[]),
        label(attributes=[["nested"]]),
        label(attributes={"plain": "x"}),
    ),
    "urls.json": images(
        {"coco_url": "https://u:p@h.example.org/a/1.jpg?sig=LEAKCANARY"},
        {"coco_url": "https://h.example.org/b/1.jpg", "file_name": None},
        {"coco_url": "bucket/c/1.jpg", "file_name": ""},
        {"file_name": "own.jpg", "coco_url": "https://h.example.org/d/1.jpg"},
        {},
    ),
    "names.json": images(
        {"file_name": "https://u:LEAKCANARY@h/?d=1.jpg"},
        {"file_name": "https://h/?d=2.jpg#LEAKCANARY"},
        {"file_name": "images/5f3a.jpg?X-Amz-Signature=LEAKCANARY"},
        {"file_name": "https://h/view.php?id=3"},
        {"file_name": "https://h/view.php?id=4"},
        {"file_name": 7},
    ),
    "captions.json": {
        "images": [IMAGE],
        "annotations": [{"id": 1, "image_id": 1, "caption": "a"}, {"id": 2, "image_id": 1, "caption": "b"}],
    },
    "captions_beside_labels.json": document(
        {"image_id": 1, "caption": "a", "category_id": None},
        {"image_id": 1, "caption": None},
        {"image_id": 1, "caption": ["a"]},
        {"image_id": 1, "caption": "boxed", "bbox": [1, 2, 3, 4]},
        {"image_id": 1, "caption": "drawn", "segmentation": [[1, 1, 6, 1, 6, 6]]},
        {"image_id": 1},
    ),
    "segments_of_texts.json": {
        "images": [IMAGE],
        "annotations": [
            {"image_id": 1, "file_name": "a.png", "segments_info": segments}
            for segments in (
                [{"id": 1, "category_id": "sky", "area": 2}, {"id": "x", "category_id": "007"}],
                [{"category_id": 7.0}, {"category_id": "7"}, {"category_id": "sea"}, {}, None, 3],
            )
        ],
        "categories": [
            {"id": "sky", "name": "Sky"},
            {"id": "007", "name": "Bond"},
            {"id": 7, "name": "Seven"},
        ],
    },
    "odd_tracks.json": document(
        *(label(track_id=track) for track in (True, 1.5, [1], {"a": 1}, 2.0, "3", "", None, "t")),
        label(track_id=False, attributes={"track_id": 4}),
        label(track_id=[5], instance_id=6),
    ),
    "ids_of_urls.json": {
        "images": [
            {"id": f"http://h/?d=set/{n}.jpg", "file_name": f"{n}.jpg", "width": 4, "height": 4}
            for n in (1, 2)
        ]
        + [{"id": "see https://h/3.jpg", "file_name": "3.jpg"}, {"id": "", "file_name": "4.jpg"}],
        "annotations": [
            {"id": f"https://h/{n}?d={n}", "image_id": image, "category_id": "a b"}
            for n, image in enumerate(
                ("http://h/?d=set/2.jpg", "http://h/?d=set/1.jpg", "see https://h/3.jpg", "")
            )
        ],
        "categories": [{"id": "a b", "name": "car"}],
    },
    "segments.json": document(
        label(
            segments_info=[{"id": "x", "category_id": 1, "bbox": None}, {"category_id": 9}],
            category_id=None,
        ),
        label(segments_info=[], category_id=None),
        label(segments_info=None, bbox=[1, 2, 3, 4]),
    ),
}
