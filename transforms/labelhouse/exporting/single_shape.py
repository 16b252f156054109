"""Write documents as one COCO object with ids of its own, for tools such as pycocotools."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, count
from typing import Any

from labelhouse.coco.sections import Section
from labelhouse.exporting.columns import Parts, parts_of
from labelhouse.exporting.list_shape import ENCODE, array
from labelhouse.exporting.rows import ExportRows, Objects


def single(rows: ExportRows) -> Iterator[bytes]:
    """Yield the text of one object that holds all documents of `rows`, which are plain.

    Ids count from 1; image ids have a gap for each image in quarantine. Categories with the same name,
    supercategory and list of keypoints become one category. A label whose image or category does not exist
    has null for it. Other nulls are left out, and a missing `iscrowd` becomes 0, as the format requires.
    All categories are held in memory.
    """
    categories, category_ids = _merged_categories(rows)
    firsts = list(accumulate((document.image_places for document in rows.documents), initial=1))
    separator = b"{"
    for key, text in _envelope(rows):
        yield separator + ENCODE(key) + b": " + text
        separator = b",\n"
    for section, batches in (
        (Section.CATEGORIES, [iter(categories)]),
        (Section.IMAGES, _images(rows, firsts)),
        (Section.ANNOTATIONS, _annotations(rows, firsts, category_ids)),
    ):
        yield separator + ENCODE(section.value) + b": "
        yield from array(batches)
        separator = b",\n"
    yield b"}\n"


def _envelope(rows: ExportRows) -> Iterator[tuple[str, bytes]]:
    """Yield what a document holds beside its records; for several, only what is true of all."""
    if len(rows.documents) == 1:
        [envelope] = rows.envelopes()
        parts: Parts = {} if envelope.extra is None else parts_of(envelope.extra)
        for key in sorted(parts, key=lambda key: key != "info"):
            if key not in set(Section):
                yield key, bytes(parts[key])
    else:
        yield "info", ENCODE({"description": f"{len(rows.documents)} documents"})


def _merged_categories(rows: ExportRows) -> tuple[list[dict[str, Any]], dict[str, dict[int, int]]]:
    """Return the categories, and for each category set the new id of each of its ids."""
    categories: list[dict[str, Any]] = []
    known: dict[bytes, int] = {}
    ids: dict[str, dict[int, int]] = {}
    for category_set, of_set in rows.category_sets():
        new_ids = ids[category_set] = {}
        for category in of_set:
            kind = ENCODE([category.get(key) for key in ("name", "supercategory", "keypoints")])
            if kind not in known:
                known[kind] = len(categories) + 1
                categories.append({**category, "id": known[kind]})
            # If several categories have one id, the first one counts.
            new_ids.setdefault(category["id"], known[kind])
    return categories, ids


def _images(rows: ExportRows, firsts: Sequence[int]) -> Iterator[Objects]:
    for index, images in rows.images():
        yield (
            {**image, "id": firsts[index] + position}
            for position, image in zip(images.positions, images.objects, strict=True)
        )


def _annotations(
    rows: ExportRows, firsts: Sequence[int], category_ids: Mapping[str, Mapping[int, int]]
) -> Iterator[Objects]:
    ids = count(1)
    for index, labels in rows.annotations():
        categories = category_ids[rows.documents[index].category_set]
        yield (
            _renumbered(label, ids, firsts[index], labels.image_positions, categories)
            for label in labels.objects
        )


def _renumbered(
    label: dict[str, Any],
    ids: Iterator[int],
    first_image: int,
    image_positions: Mapping[int, int],
    categories: Mapping[int, int],
) -> dict[str, Any]:
    position = image_positions.get(label["image_id"])
    category_id = label.get("category_id")
    return {
        **label,
        "id": next(ids),
        "image_id": None if position is None else first_image + position,
        "category_id": None if category_id is None else categories.get(category_id),
        "iscrowd": label.get("iscrowd", 0),
    }
