"""Plant labelling errors of many kinds into clean documents, and count independently which are found.

Each kind changes a copy of a base and says what it touched. A finding counts if a check that is meant for
the kind names a touched label or image, or a whole document with as many labels; findings that the clean
base has do not count.

    python -m tests.reference.planting --seed 7        prints how many of each kind are found
"""

import argparse
import copy
import json
import math
import random
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from labelhouse.ingestion.run import IngestOptions
from labelhouse.querying.check import Checked, check

from tests.support.aliases import Record
from tests.support.corpus import corpus_file
from tests.support.ingesting import end_shared_process, ingest


@dataclass
class Planted:
    """The nights of a project, and what of the last one is wrong."""

    nights: list[list[Record]]
    """What each night's sources hold; a source is a document."""
    labels: set[int] = field(default_factory=set)
    """Positions of the touched labels."""
    images: set[int] = field(default_factory=set)
    """Positions of the touched images: one finding for each is enough."""
    whole: int = 0
    """Labels of which one finding of the document, or of the project, has to tell."""


Plant = Callable[[Record, random.Random], Planted]
Finding = tuple[str, dict[str, object]]
"""The name of a check, and the columns of one of its rows."""


@dataclass(frozen=True)
class Kind:
    """One kind of error: what plants it, the bases it fits, and the checks that are meant for it."""

    plant: Plant
    bases: str
    checks: tuple[str, ...]


KINDS: dict[str, Kind] = {}
COUNT = 20


def kind(bases: str, *checks: str) -> Callable[[Plant], Plant]:
    """Register a function that plants a kind of error into the bases of a group."""

    def register(plant: Plant) -> Plant:
        KINDS[plant.__name__] = Kind(plant, bases, checks)
        return plant

    return register


def chosen(document: Record, rng: random.Random, count: int = COUNT, least: float = 12) -> list[int]:
    """Choose positions of labels with a box of some size, no crowds, at most a quarter of them."""
    fit = [
        position
        for position, label in enumerate(document["annotations"])
        if label.get("bbox") and min(label["bbox"][2:]) >= least and not label.get("iscrowd")
    ]
    return sorted(rng.sample(fit, min(count, max(1, len(fit) // 4))))


def sized(document: Record) -> dict[object, tuple[int, int]]:
    return {image["id"]: (image["width"], image["height"]) for image in document["images"]}


def added(document: Record, label: Record) -> int:
    """Add a label under a new id; return its position."""
    label["id"] = max(other["id"] for other in document["annotations"]) + 1
    attributes = label.get("attributes")
    if isinstance(attributes, dict) and "encord_track_uuid" in attributes:
        attributes["encord_track_uuid"] += "+"
    document["annotations"].append(label)
    return len(document["annotations"]) - 1


def moved(label: Record, dx: float, dy: float, scale_x: float = 1, scale_y: float = 1) -> None:
    """Move and scale the box and the polygons of a label about the corner of the box."""
    x, y, w, h = label["bbox"]
    label["bbox"] = [x + dx, y + dy, w * scale_x, h * scale_y]
    if "area" in label:
        label["area"] *= scale_x * scale_y
    if isinstance(label.get("segmentation"), list):
        label["segmentation"] = [
            [
                (x + dx + (value - x) * scale_x) if index % 2 == 0 else (y + dy + (value - y) * scale_y)
                for index, value in enumerate(ring)
            ]
            for ring in label["segmentation"]
        ]


def jittered(document: Record, rng: random.Random, share: float) -> Planted:
    labels = set()
    for position in chosen(document, rng):
        label = copy.deepcopy(document["annotations"][position])
        w, h = label["bbox"][2:]
        moved(
            label,
            rng.uniform(-share, share) * w / 2,
            rng.uniform(-share, share) * h / 2,
            1 + rng.uniform(-share, share) / 2,
            1 + rng.uniform(-share, share) / 2,
        )
        labels.add(added(document, label))
    return Planted([[document]], labels)


def each(document: Record, rng: random.Random, change: Callable[[Record], object]) -> Planted:
    positions = chosen(document, rng)
    for position in positions:
        change(document["annotations"][position])
    return Planted([[document]], set(positions))


DUPLICATES = ("near_duplicate_labels",)


@kind("labels", *DUPLICATES)
def exact_duplicate(document: Record, rng: random.Random) -> Planted:
    return jittered(document, rng, 0)


@kind("labels", *DUPLICATES)
def duplicate_jittered_by_2_percent(document: Record, rng: random.Random) -> Planted:
    return jittered(document, rng, 0.02)


@kind("labels", *DUPLICATES)
def duplicate_jittered_by_6_percent(document: Record, rng: random.Random) -> Planted:
    return jittered(document, rng, 0.06)


@kind("classes", *DUPLICATES)
def same_box_with_another_class(document: Record, rng: random.Random) -> Planted:
    ids = [category["id"] for category in document["categories"]]
    labels = set()
    for position in chosen(document, rng):
        label = copy.deepcopy(document["annotations"][position])
        label["category_id"] = rng.choice([one for one in ids if one != label["category_id"]])
        labels.add(added(document, label))
    return Planted([[document]], labels)


@kind("labels", "area_against_geometry")
def area_doubled(document: Record, rng: random.Random) -> Planted:
    return each(document, rng, lambda label: label.update(area=label["area"] * 2))


@kind("labels", "degenerate_boxes")
def negative_width(document: Record, rng: random.Random) -> Planted:
    def turn(label: Record) -> None:
        x, y, w, h = label["bbox"]
        label["bbox"] = [x + w, y, -w, h]

    return each(document, rng, turn)


@kind("labels", "degenerate_boxes")
def zero_height(document: Record, rng: random.Random) -> Planted:
    return each(document, rng, lambda label: label.update(bbox=[*label["bbox"][:3], 0]))


@kind("polygons", "outlines_against_boxes", "area_against_geometry")
def mask_of_another_label(document: Record, rng: random.Random) -> Planted:
    positions = chosen(document, rng)
    masks = [document["annotations"][position]["segmentation"] for position in positions]
    for position, mask in zip(positions, masks[1:] + masks[:1], strict=True):
        document["annotations"][position]["segmentation"] = mask
    return Planted([[document]], set(positions))


@kind("polygons", "outlines_against_boxes", "area_against_geometry", "degenerate_boxes")
def polygon_of_two_points(document: Record, rng: random.Random) -> Planted:
    def cut(label: Record) -> None:
        label["segmentation"] = [label["segmentation"][0][:4]]

    return each(document, rng, cut)


@kind("polygons", "outlines_against_boxes", "area_against_geometry")
def polygon_that_crosses_itself(document: Record, rng: random.Random) -> Planted:
    def cross(label: Record) -> None:
        x, y, w, h = label["bbox"]
        label["segmentation"] = [[x, y, x + w, y + h, x + w, y, x, y + h]]

    return each(document, rng, cross)


@kind("polygons", "outlines_against_boxes", "boxes_outside_image")
def box_shifted_by_half(document: Record, rng: random.Random) -> Planted:
    def shift(label: Record) -> None:
        x, y, w, h = label["bbox"]
        label["bbox"] = [x + rng.choice([-0.5, 0.5]) * w, y, w, h]

    return each(document, rng, shift)


def corners(label: Record) -> None:
    x, y, w, h = label["bbox"]
    label["bbox"] = [x, y, x + w, y + h]


@kind("labels", "boxes_outside_image", "outlines_against_boxes")
def all_boxes_as_corners(document: Record, rng: random.Random) -> Planted:
    for label in document["annotations"]:
        corners(label)
    return Planted([[document]], whole=len(document["annotations"]))


@kind("polygons", "boxes_outside_image", "outlines_against_boxes", "area_against_geometry")
def some_boxes_as_corners(document: Record, rng: random.Random) -> Planted:
    return each(document, rng, corners)


def centred(label: Record) -> None:
    x, y, w, h = label["bbox"]
    label["bbox"] = [x + w / 2, y + h / 2, w, h]


@kind("polygons", "boxes_outside_image", "outlines_against_boxes")
def some_boxes_begin_at_their_centre(document: Record, rng: random.Random) -> Planted:
    return each(document, rng, centred)


@kind("polygons", "outlines_against_boxes")
def all_boxes_begin_at_their_centre(document: Record, rng: random.Random) -> Planted:
    for label in document["annotations"]:
        centred(label)
    return Planted([[document]], whole=len(document["annotations"]))


@kind("polygons", "outlines_against_boxes")
def vertex_outside_the_image(document: Record, rng: random.Random) -> Planted:
    sizes = sized(document)

    def pull(label: Record) -> None:
        ring = label["segmentation"][0]
        ring[0] = sizes[label["image_id"]][0] + rng.uniform(5, 60)

    return each(document, rng, pull)


@kind("labels", "boxes_outside_image")
def width_and_height_of_images_swapped(document: Record, rng: random.Random) -> Planted:
    """Only images whose labels show it: the rest fits either way."""
    reaches: dict[object, tuple[float, float]] = {}
    for label in document["annotations"]:
        x, y, w, h = label["bbox"]
        right, bottom = reaches.get(label["image_id"], (0, 0))
        reaches[label["image_id"]] = (max(right, x + w), max(bottom, y + h))
    fit = [
        image
        for image in document["images"]
        if image["width"] != image["height"]
        and image["id"] in reaches
        and (
            reaches[image["id"]][0] > 1.06 * image["height"]
            or reaches[image["id"]][1] > 1.06 * image["width"]
        )
    ]
    swapped = rng.sample(fit, min(15, len(fit)))
    for image in swapped:
        image["width"], image["height"] = image["height"], image["width"]
    ids = {image["id"] for image in swapped}
    return Planted([[document]], whole=sum(label["image_id"] in ids for label in document["annotations"]))


@kind("classes", "undefined_categories")
def category_ids_off_by_one(document: Record, rng: random.Random) -> Planted:
    for label in document["annotations"]:
        label["category_id"] += 1
    return Planted([[document]], whole=len(document["annotations"]))


@kind("labels", "normalised_boxes")
def all_boxes_as_shares(document: Record, rng: random.Random) -> Planted:
    sizes = sized(document)
    for label in document["annotations"]:
        width, height = sizes[label["image_id"]]
        x, y, w, h = label["bbox"]
        label["bbox"] = [x / width, y / height, w / width, h / height]
    return Planted([[document]], whole=len(document["annotations"]))


@kind("polygons", "outlines_against_boxes", "odd_boxes", "area_against_geometry")
def some_boxes_as_shares(document: Record, rng: random.Random) -> Planted:
    sizes = sized(document)

    def share(label: Record) -> None:
        width, height = sizes[label["image_id"]]
        x, y, w, h = label["bbox"]
        label["bbox"] = [x / width, y / height, w / width, h / height]

    return each(document, rng, share)


@kind("polygons", "outlines_against_boxes")
def boxes_at_half_scale(document: Record, rng: random.Random) -> Planted:
    images = {image["id"] for image in rng.sample(document["images"], max(1, len(document["images"]) // 5))}
    count = 0
    for label in document["annotations"]:
        if (
            label["image_id"] in images
            and isinstance(label["segmentation"], list)
            and label["segmentation"]
        ):
            label["bbox"] = [value / 2 for value in label["bbox"]]
            count += 1
    return Planted([[document]], whole=count)


def copied(document: Record, rng: random.Random, name: Callable[[str], str]) -> Planted:
    counts: dict[object, int] = {}
    for label in document["annotations"]:
        counts[label["image_id"]] = counts.get(label["image_id"], 0) + 1
    fit = [image for image in document["images"] if counts.get(image["id"], 0) > 1]
    images = set()
    for image in rng.sample(fit, min(8, len(fit))):
        twin = copy.deepcopy(image)
        twin["id"] = max(other["id"] for other in document["images"]) + 1
        twin["file_name"] = name(twin["file_name"])
        twin.pop("coco_url", None)
        document["images"].append(twin)
        images.add(len(document["images"]) - 1)
        for label in list(document["annotations"]):
            if label["image_id"] == image["id"]:
                label = copy.deepcopy(label)
                label["image_id"] = twin["id"]
                added(document, label)
    return Planted([[document]], images=images)


@kind("images", "copied_images")
def image_twice_under_another_name(document: Record, rng: random.Random) -> Planted:
    return copied(document, rng, lambda name: f"copy_{name}")


@kind("images", "copied_images")
def image_twice_under_one_name(document: Record, rng: random.Random) -> Planted:
    return copied(document, rng, lambda name: name)


def renamed_class(document: Record, rng: random.Random, name: Callable[[str], str]) -> Planted:
    counts: dict[object, int] = {}
    for label in document["annotations"]:
        counts[label["category_id"]] = counts.get(label["category_id"], 0) + 1
    category = max(document["categories"], key=lambda one: (counts.get(one["id"], 0), len(one["name"])))
    other = {**category, "name": name(category["name"])}
    other["id"] = max(one["id"] for one in document["categories"]) + 1
    document["categories"].append(other)
    fit = [label for label in document["annotations"] if label["category_id"] == category["id"]]
    for label in rng.sample(fit, max(1, len(fit) // 20)):
        label["category_id"] = other["id"]
    return Planted([[document]], whole=1)


@kind("labels", "similar_category_names")
def class_name_with_a_space(document: Record, rng: random.Random) -> Planted:
    return renamed_class(document, rng, lambda name: f"{name} ")


@kind("labels", "similar_category_names")
def class_name_in_other_case(document: Record, rng: random.Random) -> Planted:
    return renamed_class(document, rng, lambda name: name.swapcase())


@kind("labels", "similar_category_names")
def class_name_with_a_letter_left_out(document: Record, rng: random.Random) -> Planted:
    return renamed_class(document, rng, lambda name: name[:-2] + name[-1:])


def boxed(label: Record, box: Sequence[float]) -> None:
    x, y, w, h = box
    label |= {"bbox": list(box), "area": w * h}
    if label.get("segmentation"):
        label["segmentation"] = [[x, y, x + w, y, x + w, y + h, x, y + h]]


@kind("images", "odd_boxes")
def default_box(document: Record, rng: random.Random) -> Planted:
    fit = [
        (position, label)
        for position, label in enumerate(document["annotations"])
        if min(sized(document)[label["image_id"]]) > 160
    ]
    first: dict[object, int] = {}
    for position, label in fit:
        first.setdefault(label["image_id"], position)
    positions = rng.sample(sorted(first.values()), min(COUNT, len(first)))
    for position in positions:
        boxed(document["annotations"][position], [50, 50, 100, 100])
    return Planted([[document]], whole=len(positions))


@kind("images", "odd_boxes")
def box_of_the_whole_image(document: Record, rng: random.Random) -> Planted:
    sizes = sized(document)
    return each(document, rng, lambda label: boxed(label, [0, 0, *sizes[label["image_id"]]]))


@kind("labels", "odd_boxes")
def sliver(document: Record, rng: random.Random) -> Planted:
    def thin(label: Record) -> None:
        x, y, _, h = label["bbox"]
        boxed(label, [x, y, 1.0, h])

    return each(document, rng, thin)


def rle(width: int, height: int, box: Sequence[float], size: tuple[int, int]) -> Record:
    """Return the mask of a box in run lengths, column by column, for an image that says `size`."""
    x, y, w, h = (max(1, round(value)) for value in box)
    w, h = min(w, width - x), min(h, height - y)
    counts, run = [], x * height + y
    for _ in range(w):
        counts += [run, h]
        run = height - h
    counts.append(width * height - sum(counts))
    return {"size": [size[1], size[0]], "counts": counts}


def masked(document: Record, rng: random.Random, size: Callable[[int, int], tuple[int, int]]) -> Planted:
    sizes = sized(document)

    def mask(label: Record) -> None:
        width, height = size(*sizes[label["image_id"]])
        real = sizes[label["image_id"]]
        factor = min(width / real[0], height / real[1], 1)
        box = [value * factor for value in label["bbox"]]
        label["segmentation"] = rle(width, height, box, (width, height))
        label["area"] = sum(label["segmentation"]["counts"][1::2])

    positions = [
        position
        for position in chosen(document, rng)
        if len(set(sizes[document["annotations"][position]["image_id"]])) > 1
    ]
    for position in positions:
        mask(document["annotations"][position])
    return Planted([[document]], set(positions))


@kind("images", "unsound_masks")
def mask_of_another_size(document: Record, rng: random.Random) -> Planted:
    return masked(document, rng, lambda width, height: (width // 2, height // 2))


@kind("images", "unsound_masks")
def mask_transposed(document: Record, rng: random.Random) -> Planted:
    return masked(document, rng, lambda width, height: (height, width))


@kind("polygons", "unsound_masks")
def crowd_flag_on_polygons(document: Record, rng: random.Random) -> Planted:
    return each(document, rng, lambda label: label.update(iscrowd=1))


@kind("labels", "unsound_masks")
def crowd_flag_of_two(document: Record, rng: random.Random) -> Planted:
    return each(document, rng, lambda label: label.update(iscrowd=2))


@kind("images", "images_without_size")
def image_of_size_zero(document: Record, rng: random.Random) -> Planted:
    positions = rng.sample(range(len(document["images"])), min(5, len(document["images"]) // 4))
    for position in positions:
        document["images"][position] |= {"width": 0, "height": 0}
    return Planted([[document]], images=set(positions))


@kind("labels", "undefined_categories")
def class_that_is_not_defined(document: Record, rng: random.Random) -> Planted:
    return each(document, rng, lambda label: label.update(category_id=4242))


@kind("labels", "orphan_labels")
def image_that_is_not_there(document: Record, rng: random.Random) -> Planted:
    return each(document, rng, lambda label: label.update(image_id=424242))


@kind("labels", "duplicate_ids")
def id_of_another_label(document: Record, rng: random.Random) -> Planted:
    positions = chosen(document, rng)
    first = next(other for other in range(len(document["annotations"])) if other not in positions)
    for position in positions:
        document["annotations"][position]["id"] = document["annotations"][first]["id"]
    return Planted([[document]], set(positions))


def skeletons(document: Record, rng: random.Random, count: int = 15) -> list[int]:
    fit = [
        position
        for position, label in enumerate(document["annotations"])
        if sum(value > 0 for value in label["keypoints"][2::3]) >= 6
    ]
    return sorted(rng.sample(fit, min(count, len(fit))))


def each_skeleton(
    document: Record, rng: random.Random, change: Callable[[list[float], Record], None]
) -> Planted:
    positions = skeletons(document, rng)
    for position in positions:
        label = document["annotations"][position]
        change(label["keypoints"], label)
    return Planted([[document]], set(positions))


KEYPOINTS = ("misplaced_keypoints",)


@kind("keypoints", *KEYPOINTS)
def collapsed_skeleton(document: Record, rng: random.Random) -> Planted:
    def collapse(points: list[float], label: Record) -> None:
        x, y, w, h = label["bbox"]
        for index in range(0, len(points), 3):
            if points[index + 2] > 0:
                points[index : index + 2] = [x + w / 2, y + h / 2]

    return each_skeleton(document, rng, collapse)


def labelled(points: list[float], rng: random.Random) -> int:
    return rng.choice([index for index in range(0, len(points), 3) if points[index + 2] > 0])


@kind("keypoints", *KEYPOINTS)
def joint_outside_the_image(document: Record, rng: random.Random) -> Planted:
    def pull(points: list[float], label: Record) -> None:
        points[labelled(points, rng)] = sized(document)[label["image_id"]][0] + rng.uniform(5, 80)

    return each_skeleton(document, rng, pull)


@kind("keypoints", *KEYPOINTS)
def visible_joint_at_zero(document: Record, rng: random.Random) -> Planted:
    def drop(points: list[float], label: Record) -> None:
        index = labelled(points, rng)
        points[index : index + 3] = [0, 0, 2]

    return each_skeleton(document, rng, drop)


@kind("keypoints", *KEYPOINTS)
def visibility_of_seven(document: Record, rng: random.Random) -> Planted:
    def spoil(points: list[float], label: Record) -> None:
        points[labelled(points, rng) + 2] = 7

    return each_skeleton(document, rng, spoil)


@kind("keypoints", "num_keypoints_against_visibility")
def num_keypoints_wrong(document: Record, rng: random.Random) -> Planted:
    return each_skeleton(
        document, rng, lambda _, label: label.update(num_keypoints=label["num_keypoints"] - 2)
    )


@kind("keypoints", "misplaced_keypoints")
def left_and_right_swapped(document: Record, rng: random.Random) -> Planted:
    names = document["categories"][0]["keypoints"]

    def swap(points: list[float], label: Record) -> None:
        for index, name in enumerate(names):
            if name.startswith("left_"):
                other = names.index(name.replace("left_", "right_"))
                one, two = slice(3 * index, 3 * index + 3), slice(3 * other, 3 * other + 3)
                points[one], points[two] = points[two], points[one]

    return each_skeleton(document, rng, swap)


def by_track(document: Record) -> dict[str, dict[int, int]]:
    """Return the position of each label by track and frame; an image id is a frame."""
    tracks: dict[str, dict[int, int]] = {}
    for position, label in enumerate(document["annotations"]):
        track = str(label.get("track_id", label.get("attributes", {}).get("encord_track_uuid")))
        tracks.setdefault(track, {})[label["image_id"]] = position
    return tracks


def name_track(label: Record, of: Record) -> None:
    if "track_id" in of:
        label["track_id"] = of["track_id"]
    else:
        label["attributes"]["encord_track_uuid"] = of["attributes"]["encord_track_uuid"]


def distance(one: Record, other: Record) -> float:
    return math.dist(one["bbox"][:2], other["bbox"][:2])


def switched(document: Record, rng: random.Random, is_near: bool) -> Planted:
    tracks, labels = by_track(document), document["annotations"]
    frame = rng.randrange(15, 25)
    pairs = [(a, b) for a in tracks for b in tracks if a < b and frame in tracks[a] and frame in tracks[b]]
    pairs.sort(key=lambda pair: distance(*(labels[tracks[one][frame]] for one in pair)))
    one, other = pairs[0] if is_near else pairs[-1]
    for later in range(frame, 40):
        if later in tracks[one] and later in tracks[other]:
            a, b = labels[tracks[one][later]], labels[tracks[other][later]]
            names = copy.deepcopy(a), copy.deepcopy(b)
            name_track(a, names[1])
            name_track(b, names[0])
    return Planted([[document]], whole=1)


@kind("tracks", "broken_tracks", "track_jumps")
def tracks_swapped_far_apart(document: Record, rng: random.Random) -> Planted:
    return switched(document, rng, is_near=False)


@kind("tracks", "broken_tracks", "track_jumps")
def tracks_swapped_near(document: Record, rng: random.Random) -> Planted:
    return switched(document, rng, is_near=True)


def at_frames(document: Record, rng: random.Random, frames: int) -> list[list[int]]:
    """Choose some frames in the middle of two tracks; return the positions of their labels."""
    tracks = [track for track in by_track(document).values() if len(track) >= 30]
    first = [rng.randrange(10, 20) for _ in range(2)]
    return [
        [track[frame] for frame in range(start, start + frames)]
        for track, start in zip(rng.sample(tracks, 2), first, strict=True)
    ]


@kind("tracks", "broken_tracks")
def spike_of_a_box(document: Record, rng: random.Random) -> Planted:
    positions = {position for [position] in at_frames(document, rng, 1)}
    for position in positions:
        x, y, w, h = document["annotations"][position]["bbox"]
        boxed(document["annotations"][position], [x - w / 2, y - h / 2, 2 * w, 2 * h])
    return Planted([[document]], positions)


@kind("tracks", "broken_tracks")
def box_frozen(document: Record, rng: random.Random) -> Planted:
    runs = at_frames(document, rng, 8)
    for run in runs:
        for position in run[1:]:
            boxed(document["annotations"][position], document["annotations"][run[0]]["bbox"])
    return Planted([[document]], {run[0] for run in runs})


@kind("tracks", "broken_tracks")
def track_twice_on_a_frame(document: Record, rng: random.Random) -> Planted:
    labels = set()
    for [position] in at_frames(document, rng, 1):
        label = copy.deepcopy(document["annotations"][position])
        boxed(label, [label["bbox"][0] + 90, *label["bbox"][1:]])
        place = added(document, label)
        name_track(label, document["annotations"][position])
        labels.add(place)
    return Planted([[document]], labels)


@kind("tracks", "broken_tracks")
def track_split_in_two(document: Record, rng: random.Random) -> Planted:
    tracks = by_track(document)
    name = rng.choice(sorted(track for track in tracks if len(tracks[track]) >= 30))
    frame = rng.randrange(12, 25)
    for later, position in tracks[name].items():
        if later >= frame:
            label = document["annotations"][position]
            if "track_id" in label:
                label["track_id"] = 999
            else:
                label["attributes"]["encord_track_uuid"] = "split"
    return Planted([[document]], {tracks[name][frame]})


@kind("tracks", "track_gaps")
def gap_in_a_track(document: Record, rng: random.Random) -> Planted:
    gone = {position for run in at_frames(document, rng, 5) for position in run}
    document["annotations"] = [
        label for position, label in enumerate(document["annotations"]) if position not in gone
    ]
    return Planted([[document]], whole=1)


@kind("tracks", "class_switches")
def class_changes_in_a_track(document: Record, rng: random.Random) -> Planted:
    for run in at_frames(document, rng, 4):
        for position in run:
            label = document["annotations"][position]
            label["category_id"] = 3 - label["category_id"]
    return Planted([[document]], whole=1)


@kind("tracks", "track_jumps", "broken_tracks")
def object_jumps(document: Record, rng: random.Random) -> Planted:
    positions = set()
    for run in at_frames(document, rng, 20):
        positions.add(run[0])
        for position in run:
            label = document["annotations"][position]
            x, y, w, h = label["bbox"]
            boxed(label, [(x + 900) % 1800, (y + 400) % 900, w, h])
    return Planted([[document]], positions)


LOST = ("sudden_drops",)


def without(document: Record, is_gone: Callable[[Record], bool]) -> tuple[Record, int]:
    later = copy.deepcopy(document)
    later["annotations"] = [label for label in document["annotations"] if not is_gone(label)]
    return later, len(document["annotations"]) - len(later["annotations"])


def labels_lost(document: Record, rng: random.Random, share: float) -> Planted:
    gone = {label["id"] for label in document["annotations"] if rng.random() < share}
    later, count = without(document, lambda label: label["id"] in gone)
    return Planted([[document], [later]], whole=count)


@kind("labels", *LOST)
def half_of_the_labels_lost(document: Record, rng: random.Random) -> Planted:
    return labels_lost(document, rng, 0.5)


@kind("labels", *LOST)
def a_quarter_of_the_labels_lost(document: Record, rng: random.Random) -> Planted:
    return labels_lost(document, rng, 0.25)


def greatest_class(document: Record) -> object:
    counts: dict[object, int] = {}
    for label in document["annotations"]:
        counts[label["category_id"]] = counts.get(label["category_id"], 0) + 1
    return sorted(counts, key=lambda one: counts[one])[-2 if len(counts) > 1 else -1]


@kind("classes", *LOST)
def a_class_lost(document: Record, rng: random.Random) -> Planted:
    lost = greatest_class(document)
    later, count = without(document, lambda label: label["category_id"] == lost)
    return Planted([[document], [later]], whole=count)


@kind("images", *LOST)
def a_fifth_of_the_images_lost(document: Record, rng: random.Random) -> Planted:
    gone = {image["id"] for image in rng.sample(document["images"], len(document["images"]) // 5)}
    later, count = without(document, lambda label: label["image_id"] in gone)
    later["images"] = [image for image in later["images"] if image["id"] not in gone]
    return Planted([[document], [later]], whole=count)


@kind("classes", "mass_changes")
def class_renamed(document: Record, rng: random.Random) -> Planted:
    later = copy.deepcopy(document)
    renamed = greatest_class(document)
    for category in later["categories"]:
        if category["id"] == renamed:
            category["name"] = "renamed"
    count = sum(label["category_id"] == renamed for label in document["annotations"])
    return Planted([[document], [later]], whole=count)


@kind("labels", "mass_changes")
def all_boxes_moved_by_2_percent(document: Record, rng: random.Random) -> Planted:
    later = copy.deepcopy(document)
    for label in later["annotations"]:
        x, y, w, h = label["bbox"]
        label["bbox"] = [x * 1.02, y * 1.02, w, h]
    return Planted([[document], [later]], whole=len(document["annotations"]))


@kind("classes", "none")
def two_classes_swapped(document: Record, rng: random.Random) -> Planted:
    """Only a model or a second annotator sees this one."""
    ids = [category["id"] for category in document["categories"]]
    return each(document, rng, lambda label: label.update(category_id=rng.choice(ids)))


def video(seed: int, *, is_encord: bool, frames: int = 40, tracks: int = 6) -> Record:
    """Return a video in which boxes of two classes move and grow, each its own way."""
    rng = random.Random(seed)
    names = [f"videos/v{seed}/{frame}.jpg" if is_encord else f"{frame:06}.jpg" for frame in range(frames)]
    labels: list[Record] = []
    paths = [
        [
            rng.uniform(200, 1500),
            rng.uniform(150, 800),
            rng.uniform(-5, 5),
            rng.uniform(-3, 3),
            rng.uniform(50, 140),
        ]
        for _ in range(tracks)
    ]
    # One pair is near, so that two tracks can be swapped there.
    paths[1][:2] = [paths[0][0] + 0.7 * paths[0][4], paths[0][1] + 20]
    paths[1][2:4] = paths[0][2:4]
    for frame in range(frames):
        for track, (x, y, dx, dy, size) in enumerate(paths):
            wobble = [rng.uniform(-1, 1) for _ in range(4)]
            box = [
                round(value, 2)
                for value in (
                    x + dx * frame + wobble[0],
                    y + dy * frame + wobble[1],
                    size + wobble[2],
                    0.8 * size + 0.5 * frame + wobble[3],
                )
            ]
            label: Record = {
                "id": len(labels) + 1,
                "image_id": frame,
                "category_id": 1 + track % 2,
                "bbox": box,
                "area": box[2] * box[3],
                "iscrowd": 0,
                "segmentation": [],
            }
            if is_encord:
                label["attributes"] = {
                    "track_id": track,
                    "encord_track_uuid": f"u{track}",
                    "classifications": {},
                    "manual_annotation": True,
                }
            else:
                label["track_id"] = track + 1
            labels.append(label)
    return {
        "info": {"description": f"v{seed}"},
        "images": [
            {"id": frame, "file_name": name, "width": 1920, "height": 1080}
            for frame, name in enumerate(names)
        ],
        "categories": [
            {"id": number, "name": name, "supercategory": "bounding_box"}
            for number, name in ((1, "lorry"), (2, "bicycle"))
        ],
        "annotations": labels,
    }


def drawn(seed: int, images: int = 40, labels: int = 8) -> Record:
    """Return images with polygons of five classes at random places, which do not overlap."""
    rng = random.Random(seed)
    annotations: list[Record] = []
    for image in range(images):
        cells = rng.sample([(column, row) for column in range(5) for row in range(4)], labels)
        for column, row in cells:
            w, h = rng.uniform(30, 150), rng.uniform(30, 150)
            x = column * 200 + rng.uniform(0, 200 - w)
            y = row * 190 + rng.uniform(0, 190 - h)
            turn = rng.uniform(0, 1)
            ring = [
                round(value, 2)
                for corner in range(9)
                for value in (
                    x + w / 2 + w / 2 * math.cos(2 * math.pi * (corner + turn) / 9),
                    y + h / 2 + h / 2 * math.sin(2 * math.pi * (corner + turn) / 9),
                )
            ]
            xs, ys = ring[::2], ring[1::2]
            area = 0.5 * abs(sum(xs[i - 1] * ys[i] - xs[i] * ys[i - 1] for i in range(len(xs))))
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": image + 1,
                    "category_id": rng.choice([1, 1, 2, 3, 5, 8]),
                    "bbox": [min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)],
                    "area": area,
                    "iscrowd": 0,
                    "segmentation": [ring],
                }
            )
    names = {1: "tractor", 2: "trailer", 3: "plough", 5: "harrow", 8: "baler"}
    return {
        "images": [
            {"id": image + 1, "file_name": f"field_{seed}_{image:04}.jpg", "width": 1024, "height": 768}
            for image in range(images)
        ],
        "categories": [
            {"id": number, "name": name, "supercategory": "machine"} for number, name in names.items()
        ],
        "annotations": annotations,
    }


@dataclass(frozen=True)
class Base:
    """A clean document, and the groups of kinds that it can have."""

    document: Record
    groups: frozenset[str]


REAL = frozenset({"labels", "polygons", "classes", "images"})


def bases(seed: int) -> dict[str, Base]:
    """Return the bases: parts of COCO, others made with the seed."""

    def real(path: str) -> Record:
        document: Record = json.loads(corpus_file(f"real/{path}").read_text())
        for label in document["annotations"]:
            # COCO gives a crowd flag to every label; other tools leave it out.
            label.setdefault("iscrowd", 0)
        return document

    return {
        "coco": Base(real("zzowenzz+COCO_Tiny/annotations/instances_val2017.json"), REAL),
        "drawn": Base(drawn(seed), REAL),
        "people": Base(
            real("Obmutescence+COCO-MINI/annotations/person_keypoints_train2017.json"),
            frozenset({"keypoints"}),
        ),
        "encord video": Base(video(seed, is_encord=True), frozenset({"tracks"})),
        "video": Base(video(seed + 1, is_encord=False), frozenset({"tracks"})),
    }


@dataclass(frozen=True)
class Outcome:
    """How many of what was planted is found."""

    base: str
    kind: str
    hits: int
    planted: int
    by: tuple[str, ...]
    """Checks that found it."""

    @property
    def is_found(self) -> bool:
        return self.hits >= 0.9 * self.planted


def planted(base: Base, name: str, seed: int) -> Planted:
    """Plant a kind into a copy of a base."""
    return KINDS[name].plant(copy.deepcopy(base.document), random.Random(f"{seed} {name}"))


def findings(results: Sequence[Checked]) -> dict[str, list[Finding]]:
    """Return the rows of all checks by project, each with the name of its check."""
    rows: dict[str, list[Finding]] = {}
    for checked in results:
        assert checked.error is None, (checked.name, checked.error)
        for row in checked.rows:
            values = dict(zip(checked.columns, row, strict=True))
            rows.setdefault(str(values.get("project")), []).append((checked.name, values))
    return rows


def _words(row: Finding) -> tuple[object, ...]:
    name, values = row
    return (
        name,
        values.get("cause"),
        values.get("image_key"),
        values.get("annotation_position"),
        values["what"],
    )


def outcome(
    base: str,
    name: str,
    what: Planted,
    rows: Sequence[Finding],
    clean: Sequence[Finding],
) -> Outcome:
    """Count how much of what was planted the rows name that the clean base does not have."""
    known = {_words(row) for row in clean}
    meant = [row for row in rows if row[0] in KINDS[name].checks and _words(row) not in known]
    by = tuple(sorted({check_name for check_name, _ in meant}))
    wholes = [values for _, values in meant if values.get("annotation_position") is None]
    if what.whole:
        told_labels = max((int(str(values.get("labels") or 1)) for values in wholes), default=0)
        singles = {values["annotation_position"] for _, values in meant} - {None}
        return Outcome(base, name, min(what.whole, max(told_labels, len(singles))), what.whole, by)
    if what.images:
        positions = {values.get("position") for values in wholes}
        return Outcome(base, name, len(what.images & positions), len(what.images), by)
    hit = set()
    for _, values in meant:
        hit |= {values.get("annotation_position"), values.get("other_position")}
    hit &= what.labels
    told_labels = max((int(str(values.get("labels") or 0)) for values in wholes), default=0)
    return Outcome(base, name, min(len(what.labels), max(len(hit), told_labels)), len(what.labels), by)


def measure(
    folder: Path, seed: int, chosen_kinds: Mapping[str, Sequence[str]] | None = None
) -> tuple[list[Outcome], dict[str, list[Finding]]]:
    """Plant each kind into its bases, run all checks once; return what is found, and the clean rows.

    `chosen_kinds` names the kinds by base; without it all that fit are planted. The kinds of a base are
    documents of one project, but those that a check sees in the project as a whole.
    """
    all_bases = bases(seed)
    wanted = {
        name: chosen_kinds.get(name, [])
        if chosen_kinds is not None
        else [one for one, of_kind in KINDS.items() if of_kind.bases in base.groups]
        for name, base in all_bases.items()
    }
    wanted = {name: kinds for name, kinds in wanted.items() if kinds}
    plants = {
        (base, name): planted(all_bases[base], name, seed) for base in wanted for name in wanted[base]
    }
    for base, kinds in wanted.items():
        together = [name for name in kinds if not _is_of_a_project(name)]
        clean_document = copy.deepcopy(all_bases[base].document)
        documents = [plants[base, name].nights[0][0] for name in together]
        _load(folder, f"clean {base}", [[clean_document]])
        _load(folder, base, [[_titled(one, name) for one, name in zip(documents, together, strict=True)]])
        for name in set(kinds) - set(together):
            _load(folder, f"{base} {name}", plants[base, name].nights)
    rows = findings(check(folder / "warehouse", shown_rows=1_000_000))
    clean = {base: rows.get(f"clean {base}", []) for base in wanted}
    outcomes = []
    for (base, name), what in plants.items():
        if _is_of_a_project(name):
            own = rows.get(f"{base} {name}", [])
        else:
            together = [one for one in wanted[base] if not _is_of_a_project(one)]
            ids = (f"0.json#{together.index(name) + 1}", f"v{name}")
            own = [row for row in rows.get(base, []) if row[1].get("document_id") in ids]
        outcomes.append(outcome(base, name, what, own, clean[base]))
    return outcomes, clean


def _is_of_a_project(name: str) -> bool:
    return bool(set(KINDS[name].checks) & {"similar_category_names", "sudden_drops", "mass_changes"})


def _titled(document: Record, name: str) -> Record:
    """Return the document, with a data hash of its own if it is Encord's."""
    if str(document["images"][0]["file_name"]).startswith("videos/"):
        for image in document["images"]:
            image["file_name"] = f"videos/v{name}/{image['id']}.jpg"
    return document


def _load(folder: Path, project: str, nights: Sequence[Sequence[Record]]) -> None:
    for documents in nights:
        path = folder / "0.json"
        path.write_text(json.dumps(documents))
        [report] = ingest(folder / "warehouse", [str(path)], IngestOptions(project=project, jobs=1))
        assert report.status == "committed", report


def _chosen(names: Sequence[str] | None, seed: int) -> dict[str, list[str]] | None:
    if not names:
        return None
    return {
        base: [name for name in names if KINDS[name].bases in one.groups]
        for base, one in bases(seed).items()
    }


def main() -> None:
    """Print how much of each kind is found on each base."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--kinds", nargs="*", help="these alone")
    options = parser.parse_args()
    seed = options.seed
    with tempfile.TemporaryDirectory() as folder:
        outcomes, clean = measure(Path(folder), seed, _chosen(options.kinds, seed))
    for name in KINDS:
        of_kind = [one for one in outcomes if one.kind == name]
        if not of_kind:
            continue
        words = ", ".join(f"{one.base} {one.hits} of {one.planted}" for one in of_kind)
        by = sorted({check_name for one in of_kind for check_name in one.by})
        print(f"{'+' if all(one.is_found for one in of_kind) else '-'} {name}: {words}  [{', '.join(by)}]")
    all_found = sum(all(one.is_found for one in outcomes if one.kind == name) for name in KINDS)
    print(f"{all_found} of {len(KINDS)} kinds found on every base")
    for base, rows in clean.items():
        counts = Counter((name, row.get("cause")) for name, row in rows)
        print(f"clean {base}: {len(rows)} rows: {dict(counts)}")
    end_shared_process()


if __name__ == "__main__":
    main()
