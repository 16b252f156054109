"""Look at findings of the checks in the raw JSON: which of them say what the export holds?

    python -m tests.reference.judging WAREHOUSE [--seed 7] [--each 15]

Takes a seeded sample of the warnings and errors of each check, reads their exports with json.loads, and
computes each claim again in plain Python, apart from the SQL of the checks. Prints a line a check, and each
claim that does not hold. Whether a claim that holds is also a mistake of somebody, only people can judge:
docs/checks.md has their verdict.
"""

import argparse
import gzip
import json
import math
import random
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import labelhouse
from labelhouse.querying.check import Checked, check

Record = dict[str, Any]
Finding = Mapping[str, Any]
"""A row of a check, by the names of its columns."""


def box_of(label: Record) -> tuple[float, float, float, float]:
    x, y, w, h = (float(value) for value in label["bbox"])
    return x, y, w, h


def image_of(document: Record, label: Record) -> Record:
    """The first image with the label's id that has a size."""
    images = [image for image in document["images"] if image["id"] == label["image_id"]]
    return next((image for image in images if image["width"] > 0 and image["height"] > 0), images[0])


def rings_of(label: Record) -> list[list[tuple[float, float]]]:
    """The corners of each polygon; a flat list is one polygon."""
    segmentation = label.get("segmentation")
    if not isinstance(segmentation, list) or not segmentation:
        return []
    lists = segmentation if isinstance(segmentation[0], list) else [segmentation]
    return [list(zip(one[::2], one[1::2], strict=False)) for one in lists]


def area_of(label: Record) -> float:
    """The area of the polygons by triangles, else that of the box."""
    rings = rings_of(label)
    if not rings:
        _, _, w, h = box_of(label)
        return w * h
    return math.fsum(
        abs(sum((a[0] - b[0]) * (a[1] + b[1]) for a, b in zip(ring, ring[1:] + ring[:1], strict=True))) / 2
        for ring in rings
    )


def outline_of(label: Record) -> float:
    return math.fsum(
        math.dist(a, b) for ring in rings_of(label) for a, b in zip(ring, ring[1:] + ring[:1], strict=True)
    )


def outside(corners: Iterable[tuple[float, float]], image: Record) -> float:
    """How far the farthest corner lies out of the image."""
    return float(max(max(-x, -y, x - image["width"], y - image["height"]) for x, y in corners))


def overlap(one: Record, other: Record) -> float:
    ax, ay, aw, ah = box_of(one)
    bx, by, bw, bh = box_of(other)
    w = min(ax + aw, bx + bw) - max(ax, bx)
    h = min(ay + ah, by + bh) - max(ay, by)
    shared = max(w, 0.0) * max(h, 0.0)
    return shared / (aw * ah + bw * bh - shared) if shared else 0.0


def label_of(document: Record, finding: Finding) -> Record:
    label: Record = document["annotations"][finding["annotation_position"]]
    return label


def is_outside(document: Record, finding: Finding) -> bool:
    if finding["annotation_position"] is None:
        return bool(finding["labels"] > 0)
    label = label_of(document, finding)
    x, y, w, h = box_of(label)
    off = outside([(x, y), (x + w, y + h)], image_of(document, label))
    return off > 1 and (off <= 0.05 * max(w, h)) == bool(finding["severity"] == "warning")


def is_degenerate(document: Record, finding: Finding) -> bool:
    label = label_of(document, finding)
    return label.get("bbox") is None or not (label["bbox"][2] > 0 and label["bbox"][3] > 0)


def is_repeated(document: Record, finding: Finding) -> bool:
    records = document[finding["section"]]
    one, other = records[finding["position"]], records[finding["other_position"]]
    return bool(one["id"] == other["id"]) and finding["position"] > finding["other_position"]


def is_bare(document: Record, finding: Finding) -> bool:
    ids = {label["image_id"] for label in document["annotations"] if "caption" not in label}
    return document["images"][finding["position"]]["id"] not in ids


def is_orphan(document: Record, finding: Finding) -> bool:
    return label_of(document, finding).get("image_id") not in {image["id"] for image in document["images"]}


def is_undefined(document: Record, finding: Finding) -> bool:
    if finding["annotation_position"] is None:
        return True
    ids = {category["id"] for category in document.get("categories", [])}
    return label_of(document, finding).get("category_id") not in ids


def is_incomplete(document: Record, finding: Finding) -> bool:
    label = label_of(document, finding)
    points: Sequence[float] = label["keypoints"]
    names = [c.get("keypoints") for c in document["categories"] if c["id"] == label["category_id"]]
    is_short = sum(v > 0 for v in points[2::3]) < len(points) // 3
    return is_short or bool(isinstance(names[0], list) and len(points) // 3 != len(names[0]))


def has_other_area(document: Record, finding: Finding) -> bool:
    if finding["annotation_position"] is None:
        return bool(finding["labels"] > 0)
    label = label_of(document, finding)
    if isinstance(label.get("segmentation"), dict):
        return True
    off = label["area"] - area_of(label)
    return bool(abs(off) > (0.8 if off > 0 else 0.5) * outline_of(label))


def is_beside(document: Record, finding: Finding) -> bool:
    if finding["annotation_position"] is None:
        return bool(finding["labels"] > 0)
    label = label_of(document, finding)
    corners = [corner for ring in rings_of(label) for corner in ring]
    if finding["cause"] == "polygon reaches out of the image":
        return outside(corners, image_of(document, label)) > 1
    xs, ys = zip(*corners, strict=True)
    x, y, w, h = box_of(label)
    off = max(abs(x - min(xs)), abs(y - min(ys)), abs(x + w - max(xs)), abs(y + h - max(ys)))
    return bool(off > 3 and off > 0.05 * max(w, h, max(xs) - min(xs), max(ys) - min(ys)))


def is_twice(document: Record, finding: Finding) -> bool:
    one, other = label_of(document, finding), document["annotations"][finding["other_position"]]
    is_same = one.get("category_id") == other.get("category_id")
    if one.get("attributes", {}).get("rotation") or other.get("attributes", {}).get("rotation"):
        return bool(one["image_id"] == other["image_id"])
    share = 1.0 if one["bbox"] == other["bbox"] else overlap(one, other)
    return bool(one["image_id"] == other["image_id"]) and share > (0.8 if is_same else 0.95)


def is_copied(document: Record, finding: Finding) -> bool:
    image = document["images"][finding["position"]]
    if finding["cause"] != "file name of another image":
        return bool(sum(label["image_id"] == image["id"] for label in document["annotations"]) > 0)
    return bool(sum(other["file_name"] == image["file_name"] for other in document["images"]) > 1)


def has_no_size(document: Record, finding: Finding) -> bool:
    places = (
        range(len(document["images"]))
        if finding["position"] is None
        else (position for position in [finding["position"]])
    )
    return any(not all(document["images"][p].get(side) for side in ("width", "height")) for p in places)


def is_odd(document: Record, finding: Finding) -> bool:
    if finding["annotation_position"] is None:
        box = [float(part) for part in finding["what"].removeprefix("box ").split(" is on ")[0].split(", ")]
        return len({a["image_id"] for a in document["annotations"] if a.get("bbox") == box}) >= 5
    label = label_of(document, finding)
    x, y, w, h = box_of(label)
    image = image_of(document, label)
    if finding["cause"] == "box thinner than two pixels":
        return min(w, h) < 2
    return bool(x <= 1 and y <= 1 and x + w >= image["width"] - 1 and y + h >= image["height"] - 1)


CLAIMS: Mapping[str, Callable[[Record, Finding], bool]] = {
    "area_against_geometry": has_other_area,
    "boxes_outside_image": is_outside,
    "copied_images": is_copied,
    "degenerate_boxes": is_degenerate,
    "duplicate_ids": is_repeated,
    "images_without_labels": is_bare,
    "images_without_size": has_no_size,
    "incomplete_skeletons": is_incomplete,
    "near_duplicate_labels": is_twice,
    "odd_boxes": is_odd,
    "orphan_labels": is_orphan,
    "outlines_against_boxes": is_beside,
    "undefined_categories": is_undefined,
}
"""The checks whose findings one document proves or disproves."""


def findings_of(checked: Checked) -> list[Record]:
    """The warnings and errors among the rows of a check."""
    rows = [dict(zip(checked.columns, row, strict=True)) for row in checked.rows]
    rows = [row | {"severity": row.get("severity") or checked.severity} for row in rows]
    return [row for row in rows if row["severity"] != "info"]


@cache
def export(source: str, member: str | None) -> Any:
    """The JSON of a source."""
    content = Path(source).read_bytes()
    if content[:2] == b"PK":
        with zipfile.ZipFile(source) as archive:
            content = archive.read(member or archive.namelist()[0])
    elif content[:2] == b"\x1f\x8b":
        content = gzip.decompress(content)
    return json.loads(content)


def main() -> int:
    """Judge a sample of each check; exit code 1 if a claim does not hold."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("warehouse", type=Path)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--each", type=int, default=15)
    options = parser.parse_args()
    sql = "select document_key, source, member, position from documents"
    with labelhouse.connect(options.warehouse) as connection:
        places = {key: place for key, *place in connection.execute(sql).fetchall()}
    rng = random.Random(options.seed)
    failed = 0
    for checked in check(options.warehouse, shown_rows=1_000_000, unkept=lambda _: None):
        findings = findings_of(checked)
        if checked.name not in CLAIMS or not findings:
            continue
        sample = findings if len(findings) <= options.each else rng.sample(findings, options.each)
        holding = 0
        for finding in sample:
            source, member, position = places[finding["document_key"]]
            whole = export(source, member)
            if CLAIMS[checked.name](whole[position] if isinstance(whole, list) else whole, finding):
                holding += 1
            else:
                print(f"  does not hold: {checked.name}: {finding}")
        failed += len(sample) - holding
        print(f"{checked.name:36} {len(findings):6,} warnings and errors, {holding} of {len(sample)} hold")
    return int(failed > 0)


if __name__ == "__main__":
    raise SystemExit(main())
