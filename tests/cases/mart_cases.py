"""Case pairs of the marts: tiny exports in, the exact rows of a view out.

Each case is a project of its own; its nights are loaded one after the other, on days of their own.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tests.label_rows.test_bad_label_rows import box, frame, video

Json = dict[str, Any]
FIRST_NIGHT = date(2026, 3, 1)


@dataclass(frozen=True)
class Case:
    """Nights of documents, and the rows (without the project) that a view has to show."""

    view: str
    name: str
    nights: list[list[Json]]
    expected: list[tuple[Any, ...]]
    columns: str = field(default="* exclude (project)")


def night(number: int) -> date:
    """Return the day of a night, counted from 0."""
    return FIRST_NIGHT.replace(day=FIRST_NIGHT.day + number)


def category(number: int, name: str, supercategory: str | None = "bounding_box", **other: Any) -> Json:
    return {"id": number, "name": name, "supercategory": supercategory, **other}


CAR, DOG, CAT = category(1, "Car"), category(2, "Dog", "polygon"), category(3, "Cat")


def image(number: int, name: str, width: int = 100, height: int = 100) -> Json:
    return {"id": number, "file_name": name, "width": width, "height": height}


def label(number: int, image_id: int, category_id: int | None, **other: Any) -> Json:
    attributes = {key: other.pop(key) for key in list(other) if key in ATTRIBUTE_KEYS}
    box = other.pop("bbox", [10.0, 10.0, 20.0, 20.0])
    return {
        "id": number,
        "image_id": image_id,
        "category_id": category_id,
        "bbox": box,
        "area": box[2] * box[3] if box else None,
        "iscrowd": 0,
        "segmentation": [],
        "attributes": {"manual_annotation": True, **attributes},
        **other,
    }


ATTRIBUTE_KEYS = ("manual_annotation", "encord_track_uuid", "track_id", "rotation", "classifications")


def document(
    name: str,
    annotations: list[Json],
    images: list[Json] | None = None,
    categories: list[Json] | None = None,
) -> Json:
    others = dict.fromkeys(("contributor", "date_created", "url", "version", "year"))
    return {
        "info": {"description": name, **others},
        "images": [image(0, f"images/{name}.jpg")] if images is None else images,
        "categories": [CAR, DOG, CAT] if categories is None else categories,
        "annotations": annotations,
    }


def boxes(name: str, *bounds: list[float], width: int = 100, height: int = 100) -> Json:
    """One image with a label of class Car for every box."""
    labels = [label(number, 0, 1, bbox=box) for number, box in enumerate(bounds)]
    return document(name, labels, [image(0, f"images/{name}.jpg", width, height)])


def classes(name: str, *category_ids: int, **other: Any) -> Json:
    """One image with a label for every category id."""
    return document(name, [label(number, 0, of, **other) for number, of in enumerate(category_ids)])


def frames(name: str, *tracked: tuple[int, int, str]) -> Json:
    """A video with labels at (frame, category id, track)."""
    numbers = sorted({frame for frame, _, _ in tracked})
    images = [image(frame, f"videos/{name}/{frame}.jpg") for frame in numbers]
    labels = [
        label(number, frame, of, encord_track_uuid=track)
        for number, (frame, of, track) in enumerate(tracked)
    ]
    return document(name, labels, images)


TWO_IMAGES = [image(0, "images/two.jpg"), image(1, "images/other.jpg")]
UNUSED = [("Dog", "polygon", 0, 0, 0, 0.0), ("Cat", "bounding_box", 0, 0, 0, 0.0)]


def segment(category_id: int) -> Json:
    """A segment of a panoptic label: a box of 20 by 20 pixels, the same for all."""
    return {"id": category_id, "category_id": category_id, "bbox": [0, 0, 20, 20], "area": 4, "iscrowd": 0}


PANOPTIC = {"image_id": 0, "segments_info": [segment(1), segment(2) | {"bbox": [50, 50, 20, 20]}]}


def row(data_hash: str, stage: str, **keys: Any) -> Json:
    """Return a label row with one box, last edited in the morning after the first night."""
    edited = box(createdAt="2026-02-28 09:00:00", lastEditedAt="2026-03-01 09:00:00")
    unit = video(frame(edited), data_hash=data_hash, **keys)
    [(_, content)] = unit["data_units"].items()
    return {
        **unit,
        "label_hash": f"l-{data_hash}",
        "data_units": {data_hash: {**content, "data_hash": data_hash}},
        "workflow_graph_node": {"uuid": stage, "title": stage},
    }


CASES = [
    Case(
        "class_balance",
        "counts labels, images and documents of every class, unused ones too",
        [
            [
                document("two", [label(0, 0, 1), label(1, 0, 1), label(2, 1, 1)], TWO_IMAGES),
                classes("one", 1, 2),
            ]
        ],
        [
            ("Car", "bounding_box", 4, 3, 2, 0.8),
            ("Dog", "polygon", 1, 1, 1, 0.2),
            ("Cat", "bounding_box", 0, 0, 0, 0.0),
        ],
    ),
    Case(
        "class_balance",
        "counts labels whose category is missing under null",
        [[classes("a", 1, 99)]],
        [("Car", "bounding_box", 1, 1, 1, 0.5), (None, None, 1, 1, 1, 0.5), *UNUSED],
    ),
    Case(
        "class_balance",
        "counts of two categories with one id the first",
        [[document("a", [label(0, 0, 1)], categories=[CAR, category(1, "Second")])]],
        [("Car", "bounding_box", 1, 1, 1, 1.0), ("Second", "bounding_box", 0, 0, 0, 0.0)],
    ),
    Case(
        "class_balance",
        "counts a replaced document once",
        [[classes("a", 1, 1), classes("b", 1)], [classes("a", 2)]],
        [
            ("Car", "bounding_box", 1, 1, 1, 0.5),
            ("Dog", "polygon", 1, 1, 1, 0.5),
            ("Cat", "bounding_box", 0, 0, 0, 0.0),
        ],
    ),
    Case(
        "class_balance",
        "counts segments of panoptic labels, and no captions",
        [
            [
                document(
                    "two",
                    [
                        {"image_id": 0, "segments_info": [segment(1), segment(2)]},
                        {"id": 1, "image_id": 1, "caption": "a car"},
                        label(2, 0, 1),
                    ],
                    TWO_IMAGES,
                )
            ]
        ],
        [
            ("Car", "bounding_box", 2, 1, 1, 2 / 3),
            ("Dog", "polygon", 1, 1, 1, 1 / 3),
            ("Cat", "bounding_box", 0, 0, 0, 0.0),
        ],
    ),
    Case(
        "image_coverage",
        "takes an image with a caption alone for unlabelled",
        [[document("two", [{"id": 1, "image_id": 1, "caption": "a car"}, PANOPTIC], TWO_IMAGES)]],
        [(1, 2, 1, 1, 0.5, 2, 0.04, 0.04)],
    ),
    Case(
        "class_balance",
        "shows the ontology of a project without labels",
        [[document("a", [], [])]],
        [(name, shape, 0, 0, 0, None) for name, shape in (("Car", "bounding_box"), ("Dog", "polygon"))]
        + [("Cat", "bounding_box", 0, 0, 0, None)],
    ),
    Case(
        "shapes_per_class",
        "takes the supercategory for the shape if it is one, else reads it off the label",
        [
            [
                document(
                    "a",
                    [
                        label(0, 0, 1),
                        label(1, 0, 2, segmentation=[[1.0, 1.0, 5.0, 1.0, 5.0, 5.0]]),
                        label(2, 0, 2, segmentation={"size": [100, 100], "counts": [9999, 1]}, iscrowd=1),
                        label(3, 0, 2),
                        label(4, 0, 2, rotation=30.0),
                        label(5, 0, 2, keypoints=[1.0, 2.0, 2.0], num_keypoints=1),
                        label(6, 0, 2, bbox=None),
                    ],
                    categories=[category(1, "Line", "polyline"), category(2, "Thing", "animal")],
                )
            ]
        ],
        [
            ("Line", "polyline", "polyline", 1, 1.0),
            ("Thing", "animal", "polygon", 1, 1 / 6),
            ("Thing", "animal", "bitmask", 1, 1 / 6),
            ("Thing", "animal", "bounding_box", 1, 1 / 6),
            ("Thing", "animal", "rotatable_bounding_box", 1, 1 / 6),
            ("Thing", "animal", "skeleton", 1, 1 / 6),
            ("Thing", "animal", "none", 1, 1 / 6),
        ],
    ),
    Case(
        "labels_per_image",
        "counts images by their labels, those without any too",
        [
            [
                document("two", [label(0, 0, 1), label(1, 0, 1)], TWO_IMAGES),
                document("one", [label(0, 0, 1), label(1, 0, 2)]),
                document("empty", []),
            ]
        ],
        [(0, 2, 0.5), (2, 2, 0.5)],
    ),
    Case(
        "labels_per_image",
        "leaves out labels that refer to no image",
        [[document("a", [label(0, 77, 1)])]],
        [(0, 1, 1.0)],
    ),
    Case(
        "image_coverage",
        "counts overlaps of boxes once in covered_share and as often as covered in box_area_share",
        [[boxes("a", [0.0, 0.0, 50.0, 50.0], [25.0, 0.0, 50.0, 50.0], [25.0, 25.0, 10.0, 10.0])]],
        [(1, 1, 1, 0, 1.0, 3, 0.51, 0.375)],
    ),
    Case(
        "image_coverage",
        "cuts boxes at the image and leaves out images of unknown size",
        [[boxes("a", [-50.0, 90.0, 100.0, 100.0]), boxes("b", [0.0, 0.0, 5.0, 5.0], width=0)]],
        [(2, 2, 2, 0, 1.0, 2, 0.05, 0.05)],
    ),
    Case(
        "image_coverage",
        "measures an image with many boxes along lines",
        [[boxes("a", *([0.0, 0.0, 50.0, 50.0] for _ in range(17)))]],
        [(1, 1, 1, 0, 1.0, 17, 4.25, 0.25)],
    ),
    Case(
        "image_coverage",
        "tells images without labels",
        [[document("a", [label(0, 1, 1)], TWO_IMAGES), document("b", [], [])]],
        [(2, 2, 1, 1, 0.5, 1, 0.02, 0.02)],
    ),
    Case(
        "image_coverage",
        "gives the labels of an id to all images that have it",
        [[document("a", [label(0, 0, 1)], [TWO_IMAGES[0], TWO_IMAGES[0] | {"file_name": "b.jpg"}])]],
        [(1, 2, 2, 0, 1.0, 1, 0.02, 0.02)],
    ),
    Case(
        "image_coverage_by_document",
        "has a row for every document",
        [[boxes("a", [0.0, 0.0, 100.0, 50.0]), document("b", [], [])]],
        [("a", "a", 1, 1, 0, 1.0, 1, 0.5, 0.5), ("b", "b", 0, 0, 0, None, 0, None, None)],
    ),
    Case(
        "size_classes",
        "follows COCO's limits and leaves points and labels without a box to null",
        [
            [
                document(
                    "a",
                    [
                        label(0, 0, 1, bbox=[0.0, 0.0, 32.0, 31.5]),
                        label(1, 0, 1, bbox=[0.0, 0.0, 32.0, 32.0]),
                        label(2, 0, 1, bbox=[0.0, 0.0, 96.0, 95.0]),
                        label(3, 0, 1, bbox=[0.0, 0.0, 96.0, 96.0]),
                        label(4, 0, 1, bbox=[5.0, 5.0, 0.0, 0.0]),
                        label(5, 0, 1, bbox=None),
                    ],
                )
            ]
        ],
        [
            ("Car", "small", 1, 1 / 6, 1008.0),
            ("Car", "medium", 2, 2 / 6, 5072.0),
            ("Car", "large", 1, 1 / 6, 9216.0),
            ("Car", None, 2, 2 / 6, None),
        ],
    ),
    Case(
        "size_classes",
        "takes the area that a label states before its box's, as COCO does",
        [
            [
                document(
                    "a",
                    [
                        label(0, 0, 1, bbox=[0.0, 0.0, 96.0, 96.0], area=1023.0),
                        label(1, 0, 1, bbox=[0.0, 0.0, 50.0, 20.0], area=None),
                        label(2, 0, 1, bbox=None, area=9216.0),
                        label(3, 0, 1, bbox=[0.0, 0.0, 32.0, 32.0], area=0),
                    ],
                )
            ]
        ],
        [
            ("Car", "small", 2, 2 / 4, 5108.0),
            ("Car", "medium", 1, 1 / 4, 1024.0),
            ("Car", "large", 1, 1 / 4, 9216.0),
        ],
    ),
    Case(
        "automation_rate",
        "tells drawn from made, and what the export does not say",
        [
            [
                document(
                    "a",
                    [
                        label(0, 0, 1, manual_annotation=True),
                        label(1, 0, 1, manual_annotation=False),
                        label(2, 0, 1, manual_annotation=False),
                        label(3, 0, 1, manual_annotation=None),
                        label(4, 0, 2, manual_annotation=None),
                    ],
                )
            ]
        ],
        [("Car", 4, 1, 2, 1, 2 / 3), ("Dog", 1, 0, 0, 1, None)],
    ),
    Case(
        "automation_by_document",
        "has a row for every document with labels",
        [[classes("a", 1, 2, manual_annotation=False), classes("b", 1), document("c", [])]],
        [("a", "a", 2, 0, 2, 0, 1.0), ("b", "b", 1, 1, 0, 0, 0.0)],
    ),
    Case(
        "attribute_completeness",
        "counts answers that are neither null nor empty, over all labels of the class",
        [
            [
                document(
                    "a",
                    [
                        label(0, 0, 1, classifications={"Colour": "red", "Age": 3}),
                        label(1, 0, 1, classifications={"Colour": "", "Age": 5.5}),
                        label(2, 0, 1, classifications={"Colour": None}),
                        label(3, 0, 1, classifications={"Colour": False}),
                        label(4, 0, 2, classifications={"Colour": "red"}),
                    ],
                ),
                classes("b", 1),
            ]
        ],
        [
            ("Car", "Colour", "classification", 5, 4, 2, 0.4, 0, None, None, None),
            ("Car", "Age", "classification", 5, 2, 2, 0.4, 2, 4.25, 3.0, 5.5),
            ("Dog", "Colour", "classification", 1, 1, 1, 1.0, 0, None, None, None),
        ],
    ),
    Case(
        "attribute_values",
        "counts values by type",
        [
            [
                document(
                    "a",
                    [
                        label(0, 0, 1, classifications={"Colour": "red"}),
                        label(1, 0, 1, classifications={"Colour": "red"}),
                        label(2, 0, 1, classifications={"Colour": None}),
                        label(3, 0, 1, classifications={"Colour": True}),
                    ],
                )
            ]
        ],
        [
            ("Car", "Colour", "classification", "string", "red", 2, 0.5),
            ("Car", "Colour", "classification", "null", None, 1, 0.25),
            ("Car", "Colour", "classification", "boolean", "true", 1, 0.25),
        ],
    ),
    Case(
        "attribute_values",
        "keeps the 100 most frequent values of a document and counts the others together",
        [[document("a", [label(n, 0, 1, classifications={"Note": f"{n % 102:03}"}) for n in range(104)])]],
        [
            *(("Car", "Note", "classification", "string", f"{n:03}", 2, 2 / 104) for n in range(2)),
            *(("Car", "Note", "classification", "string", f"{n:03}", 1, 1 / 104) for n in range(2, 100)),
            ("Car", "Note", "classification", "other", None, 2, 2 / 104),
        ],
    ),
    Case(
        "keypoint_visibility",
        "names the joints by the category and counts their visibility",
        [
            [
                document(
                    "a",
                    [
                        label(0, 0, 1, keypoints=[1.0, 1.0, 2.0, 2.0, 2.0, 0.0, 3.0, 3.0, 1.0]),
                        label(1, 0, 1, keypoints=[1.0, 1.0, 2.0, 2.0, 2.0, 2.0, 3.0, 3.0, 1.0]),
                        label(2, 0, 2, keypoints=[1.0, 1.0, 2.0]),
                    ],
                    categories=[
                        category(1, "Person", "skeleton", keypoints=["head", "hand"], skeleton=[[1, 2]]),
                        category(2, "Light", "point", keypoints="keypoint", skeleton=[]),
                    ],
                )
            ]
        ],
        [
            ("Person", 0, "head", 2, 0, 0, 2, 1.0),
            ("Person", 1, "hand", 2, 1, 0, 1, 0.5),
            ("Person", 2, None, 2, 0, 2, 0, 0.0),
            ("Light", 0, "keypoint", 1, 0, 0, 1, 1.0),
        ],
    ),
    Case(
        "keypoint_visibility",
        "counts every keypoint in a class, whatever its visibility",
        [
            [
                document(
                    "a",
                    [
                        label(0, 0, 1, keypoints=[1.0, 1.0, visibility])
                        for visibility in (0.1, 0.9, 7, -1, 2, 1.5)
                    ]
                    + [label(6, 0, 1, keypoints=[[1.0, 1.0]])],
                    categories=[category(1, "Light", keypoints=["head"], skeleton=[])],
                )
            ]
        ],
        [("Light", 0, "head", 7, 2, 3, 2, 2 / 7)],
    ),
    Case(
        "cooccurrence",
        "counts images with both classes over images with either",
        [[classes("a", 1, 1, 2), classes("b", 1, 2, 3), classes("c", 1)]],
        [("Car", "Dog", 2, 2 / 3), ("Car", "Cat", 1, 1 / 3), ("Cat", "Dog", 1, 1 / 2)],
    ),
    Case(
        "heat_map",
        "puts centres into cells of a twentieth, and what lies outside or nowhere to null",
        [
            [
                boxes(
                    "a",
                    [0.0, 0.0, 10.0, 10.0],
                    [4.9, 4.9, 0.0, 0.0],
                    [100.0, 100.0, 0.0, 0.0],
                    [95.0, 0.0, 20.0, 2.0],
                ),
                boxes("b", [0.0, 0.0, 5.0, 5.0], width=0),
            ]
        ],
        [
            ("Car", 1, 1, 1, 0.2),
            ("Car", 0, 0, 1, 0.2),
            ("Car", 19, 19, 1, 0.2),
            ("Car", None, None, 2, 0.4),
        ],
    ),
    Case(
        "track_statistics",
        "tells length, span, gaps and class switches",
        [
            [
                frames(
                    "v",
                    (0, 1, "t1"),
                    (1, 1, "t1"),
                    (5, 1, "t1"),
                    (0, 2, "t2"),
                    (1, 1, "t2"),
                    (5, 1, "t3"),
                    (2, 1, "t4"),
                ),
            ]
        ],
        [
            # The video has the frames 0, 1, 2 and 5.
            ("Car", 3, 2, 5, 5 / 3, 3, 3, 8 / 3, 1, 1, 0),
            ("Dog", 1, 0, 2, 2.0, 2, 1, 2.0, 0, 0, 1),
        ],
    ),
    Case(
        "track_statistics",
        "leaves out still images, and takes one uuid of two documents for two tracks",
        [
            [
                document("a", [label(0, 0, 1, encord_track_uuid="t"), label(1, 0, 1, track_id=4)]),
                frames("b", (0, 1, "t"), (1, 1, "t")),
                frames("c", (3, 1, "t")),
            ]
        ],
        [("Car", 2, 1, 3, 1.5, 2, 2, 1.5, 0, 0, 0)],
    ),
    Case(
        "automation_trend",
        "tells the state after each night",
        [
            [classes("a", 1, 1), classes("b", 2, manual_annotation=False)],
            [classes("c", 1, 1, manual_annotation=False)],
            [classes("a", 2), classes("b", 2)],
        ],
        [
            (night(0), "Car", 2, 2, 0, 0, 0.0),
            (night(0), "Dog", 1, 0, 1, 0, 1.0),
            (night(1), "Car", 4, 2, 2, 0, 0.5),
            (night(1), "Dog", 1, 0, 1, 0, 1.0),
            (night(2), "Car", 2, 0, 2, 0, 1.0),
            (night(2), "Dog", 2, 2, 0, 0, 0.0),
        ],
    ),
    Case(
        "class_drift",
        "is 0 where shares stay and adds up how shares moved",
        [[classes("a", 1, 1, 2, 2)], [classes("b", 1, 2)], [classes("c", 1, 1, 1, 1, 1, 1)]],
        [
            (night(1), night(0), 6, 4, 0.0, "Car"),
            # 9 of 12 are Car after 3 of 6: (0.75 - 0.5) ln 1.5 + (0.25 - 0.5) ln 0.5
            (night(2), night(1), 12, 6, 0.25 * 0.4054651081 + 0.25 * 0.6931471806, "Dog"),
        ],
        "night, previous_night, label_count, previous_label_count, psi, if(psi > 0, category_name, 'Car')",
    ),
    Case(
        "category_drift",
        "counts a share of 0 as 0.0001, of a class that is new and of one that is gone",
        [[classes("a", 1)], [classes("a", 2)]],
        [
            (night(1), night(0), "Car", 0, 1, 0.0, 1.0, (0.0001 - 1) * -9.210340372),
            (night(1), night(0), "Dog", 1, 0, 1.0, 0.0, (1 - 0.0001) * 9.210340372),
        ],
    ),
    Case(
        "ingest_health",
        "counts attempts, documents and rows of each night",
        [[classes("a", 1, 1), classes("b", 2)], [classes("a", 2)]],
        [
            (night(0), 1, 1, 0, 0, 0.0, 2, 0, 0, 0, 3, None),
            (night(1), 1, 1, 0, 0, 0.0, 0, 1, 0, 0, 1, None),
        ],
        "night, ingest_count, committed_count, unchanged_count, rejected_count, rejected_share, "
        "documents_added, documents_changed, documents_removed, documents_rejected, annotation_count, "
        "last_error",
    ),
    Case(
        "row_stages_by_night",
        "tells stages and statuses after each night, also of rows that did not come again",
        [
            [row("a", "Annotate"), row("b", "Annotate", label_status="LABEL_IN_PROGRESS")],
            [row("a", "Review", annotation_task_status="IN_REVIEW")],
        ],
        [
            (night(0), "Annotate", "LABELLED", None, 1, 1),
            (night(0), "Annotate", "LABEL_IN_PROGRESS", None, 1, 1),
            (night(1), "Annotate", "LABEL_IN_PROGRESS", None, 1, 1),
            (night(1), "Review", "LABELLED", "IN_REVIEW", 1, 1),
        ],
    ),
    Case(
        "label_work",
        "takes a load that saw a row in review, or beyond, for the start of its first review",
        [[row("a", "Review")], [row("a", "Annotate")], [row("b", "Complete")]],
        [
            ("a", "Annotate", night(0), "edited"),
            ("b", "Complete", night(2), None),
        ],
        "document_id, workflow_stage, reviewed_at::date, rework",
    ),
]
