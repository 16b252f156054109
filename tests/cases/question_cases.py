"""Answers to questions, computed in plain Python from the exports themselves."""

import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from itertools import combinations, pairwise
from typing import Any

from tests.support.aliases import Record

Row = tuple[object, ...]
Answer = Callable[[str, list[Record]], list[Row]]


def labels(documents: list[Record]) -> Iterator[Record]:
    """Yield the labels with what questions tell of them."""
    for document in documents:
        categories = {c["id"]: c for c in document["categories"]}
        images = {i["id"]: i for i in document["images"]}
        for label in document["annotations"]:
            image, category = images[label["image_id"]], categories[label["category_id"]]
            yield label | {
                "document": identity(document),
                "title": document["info"]["description"],
                "image": image_key(image),
                "frame": int(image_key(image).partition("/")[2]),
                "pixels": image["width"] * image["height"],
                "class": category["name"],
                "shape": category["supercategory"],
                "uuid": label["attributes"]["encord_track_uuid"],
                "is_manual": label["attributes"]["manual_annotation"],
                "answers": label["attributes"]["classifications"],
            }


def identity(document: Record) -> str:
    return str(document["images"][0]["file_name"].split("/")[1])


def image_key(image: Record) -> str:
    return str(image["file_name"].removeprefix("videos/").removesuffix(".jpg"))


def grouped(documents: list[Record], *keys: str) -> dict[tuple[Any, ...], list[Record]]:
    groups = defaultdict(list)
    for label in labels(documents):
        groups[tuple(label[key] for key in keys)].append(label)
    return dict(groups)


def places(of: list[Record], *keys: str) -> int:
    return len({tuple(label[key] for key in keys) for label in of})


def labels_per_class(project: str, documents: list[Record]) -> list[Row]:
    return [
        (project, name, shape, len(of), places(of, "image"), places(of, "document"))
        for (name, shape), of in grouped(documents, "class", "shape").items()
    ]


def labels_per_document_and_class(project: str, documents: list[Record]) -> list[Row]:
    return [
        (project, document, title, name, len(of), places(of, "image"))
        for (document, title, name), of in grouped(documents, "document", "title", "class").items()
    ]


def class_balance(project: str, documents: list[Record]) -> list[Row]:
    counts = Counter(label["class"] for label in labels(documents))
    most = max(counts.values())
    return [(project, name, n, n / counts.total(), most / n) for name, n in counts.items()]


def rarest_classes(project: str, documents: list[Record]) -> list[Row]:
    groups = grouped(documents, "class", "shape")
    defined = {(c["name"], c["supercategory"]) for d in documents for c in d["categories"]}
    return [
        (project, *key, len(groups.get(key, [])), places(groups.get(key, []), "document"))
        for key in defined
    ]


def unused_categories(project: str, documents: list[Record]) -> list[Row]:
    groups = grouped(documents, "class", "shape")
    defined = Counter((c["name"], c["supercategory"]) for d in documents for c in d["categories"])
    return [(project, *key, count) for key, count in defined.items() if key not in groups]


def labels_per_image(project: str, documents: list[Record]) -> list[Row]:
    groups = grouped(documents, "image")
    counts = Counter(len(groups.get((image_key(i),), [])) for d in documents for i in d["images"])
    return [(project, n, images, images / counts.total()) for n, images in counts.items()]


def images_without_labels(project: str, documents: list[Record]) -> list[Row]:
    groups = grouped(documents, "image")
    return [
        (
            project,
            identity(document),
            image_key(image),
            image["file_name"],
            int(image_key(image).partition("/")[2]),
            image["width"],
            image["height"],
            sum((image_key(i),) in groups for i in document["images"]) / len(document["images"]),
        )
        for document in documents
        for image in document["images"]
        if (image_key(image),) not in groups
    ]


def crowded_images(project: str, documents: list[Record]) -> list[Row]:
    return [
        (project, document, image, f"videos/{image}.jpg", len(of), places(of, "class"))
        for (document, image), of in grouped(documents, "document", "image").items()
    ]


def _size(label: Record) -> str | None:
    w, h = label["bbox"][2:]
    area = label.get("area") or w * h
    if area == 0:
        return None
    return "small" if area < 32 * 32 else "medium" if area < 96 * 96 else "large"


def size_classes(project: str, documents: list[Record]) -> list[Row]:
    return [
        (
            project,
            name,
            len(of),
            *(sum(_size(label) == size for label in of) for size in ("small", "medium", "large", None)),
        )
        for (name,), of in grouped(documents, "class").items()
    ]


def box_sizes(project: str, documents: list[Record]) -> list[Row]:
    rows: list[Row] = []
    for (name,), of in grouped(documents, "class").items():
        boxes = [label["bbox"] for label in of if _size(label)]
        areas = [w * h for _, _, w, h in boxes]
        if boxes:
            middle = [statistics.median(box[side] for box in boxes) for side in (2, 3)]
            rows.append(
                (project, name, len(boxes), *middle, min(areas), statistics.median(areas), max(areas))
            )
    return rows


def _told(project: str, label: Record) -> Row:
    return (project, label["document"], label["image"], label["uuid"], label["class"])


def smallest_boxes(project: str, documents: list[Record]) -> list[Row]:
    return [
        (*_told(project, label), *label["bbox"][2:], label["bbox"][2] * label["bbox"][3])
        for label in labels(documents)
        if label["shape"] not in ("point", "polyline")
    ]


def largest_labels(project: str, documents: list[Record]) -> list[Row]:
    return [
        (*_told(project, label), *label["bbox"][2:], label["bbox"][2] * label["bbox"][3] / label["pixels"])
        for label in labels(documents)
    ]


def _automation(of: list[Record]) -> Row:
    manual = sum(label["is_manual"] for label in of)
    return (len(of), manual, len(of) - manual, 0, 1 - manual / len(of))


def automation_by_class(project: str, documents: list[Record]) -> list[Row]:
    return [(project, name, *_automation(of)) for (name,), of in grouped(documents, "class").items()]


def automation_by_document(project: str, documents: list[Record]) -> list[Row]:
    groups = grouped(documents, "document", "title")
    return [(project, document, title, *_automation(of)) for (document, title), of in groups.items()]


def attribute_values(project: str, documents: list[Record]) -> list[Row]:
    answers = [
        (name, str(value).lower() if isinstance(value, bool) else value)
        for label in labels(documents)
        if label["class"] == "Car"
        for name, value in label["answers"].items()
    ]
    asked = Counter(name for name, _ in answers)
    return [
        (project, name, "classification", value, n, n / asked[name])
        for (name, value), n in Counter(answers).items()
    ]


def attribute_completeness(project: str, documents: list[Record]) -> list[Row]:
    rows: list[Row] = []
    for (name,), of in grouped(documents, "class").items():
        for question in {question for label in of for question in label["answers"]}:
            asked = [label["answers"][question] for label in of if question in label["answers"]]
            answered = sum(value is not None for value in asked)
            rows.append(
                (
                    project,
                    name,
                    question,
                    "classification",
                    len(of),
                    len(asked),
                    answered,
                    answered / len(of),
                )
            )
    return rows


def open_attributes(project: str, documents: list[Record]) -> list[Row]:
    return [
        (*_told(project, label)[:3], label["frame"], label["uuid"], label["class"], name)
        for label in labels(documents)
        for name, value in label["answers"].items()
        if value is None
    ]


def unanswered_attributes(project: str, documents: list[Record]) -> list[Row]:
    rows: list[Row] = []
    asked: defaultdict[tuple[str, str], list[Record]] = defaultdict(list)
    for label in labels(documents):
        for name in label["answers"]:
            asked[label["class"], name].append(label)
    for (kind, name), of in asked.items():
        open_ones = [label for label in of if label["answers"][name] is None]
        share = 1 - len(open_ones) / len(of)
        if share >= 0.8:
            rows += [(*_told(project, label)[:3], label["uuid"], kind, name, share) for label in open_ones]
    return rows


def keypoint_visibility(project: str, documents: list[Record]) -> list[Row]:
    seen: defaultdict[tuple[str, int], Counter[float]] = defaultdict(Counter)
    for label in labels(documents):
        for index, visibility in enumerate((label["keypoints"] or [])[2::3]):
            seen[label["class"], index][visibility] += 1
    return [
        (
            project,
            name,
            index,
            None,
            counts.total(),
            counts[2.0],
            counts[1.0],
            counts[0.0],
            counts[2.0] / (counts[1.0] + counts[2.0]),
        )
        for (name, index), counts in seen.items()
    ]


def incomplete_skeletons(project: str, documents: list[Record]) -> list[Row]:
    rows: list[Row] = []
    for label in labels(documents):
        missing = [f"#{n}" for n, v in enumerate((label["keypoints"] or [])[2::3]) if v == 0]
        if label["shape"] == "skeleton" and missing:
            count = len(label["keypoints"]) // 3
            rows.append((*_told(project, label), count, count - len(missing), len(missing), missing))
    return rows


def _tracks(documents: list[Record]) -> Iterator[tuple[str, str, list[Record]]]:
    for (document, uuid), of in grouped(documents, "document", "uuid").items():
        yield document, uuid, sorted(of, key=lambda label: label["frame"])


def longest_tracks(project: str, documents: list[Record]) -> list[Row]:
    rows: list[Row] = []
    for document, uuid, of in _tracks(documents):
        first, last = of[0]["frame"], of[-1]["frame"]
        length = last - first + 1
        gaps = length - places(of, "frame")
        rows.append((project, document, uuid, None, of[0]["class"], first, last, length, len(of), gaps))
    return rows


def track_gaps(project: str, documents: list[Record]) -> list[Row]:
    rows: list[Row] = []
    for document, uuid, of in _tracks(documents):
        first, last, seen = of[0]["frame"], of[-1]["frame"], places(of, "frame")
        if gaps := last - first + 1 - seen:
            rows.append((project, document, uuid, None, of[0]["class"], first, last, seen, gaps))
    return rows


def class_switches(project: str, documents: list[Record]) -> list[Row]:
    rows: list[Row] = []
    for document, uuid, of in _tracks(documents):
        if switches := sum(one["class"] != other["class"] for one, other in pairwise(of)):
            classes = sorted({label["class"] for label in of})
            rows.append((project, document, uuid, None, classes, switches, of[0]["frame"], of[-1]["frame"]))
    return rows


def cooccurring_classes(project: str, documents: list[Record]) -> list[Row]:
    present = [{label["class"] for label in of} for of in grouped(documents, "image").values()]
    alone = Counter(name for names in present for name in names)
    both = Counter(pair for names in present for pair in combinations(sorted(names), 2))
    return [(project, a, b, n, n / (alone[a] + alone[b] - n)) for (a, b), n in both.items()]


def biggest_documents(project: str, documents: list[Record]) -> list[Row]:
    return [
        (
            project,
            identity(d),
            d["info"]["description"],
            "video",
            len(d["images"]),
            len(d["annotations"]),
            len(d["annotations"]) / len(d["images"]),
        )
        for d in documents
    ]


def media_types(project: str, documents: list[Record]) -> list[Row]:
    images, count = (sum(len(d[key]) for d in documents) for key in ("images", "annotations"))
    return [(project, "video", len(documents), images, count)]


def label_shapes(project: str, documents: list[Record]) -> list[Row]:
    counts = Counter(label["shape"] for label in labels(documents))
    return [(project, shape, n, n / counts.total()) for shape, n in counts.items()]


def said(documents: list[Record]) -> dict[tuple[str, str, str], Record]:
    """What each label says, by document, image and object; ids and track_id say nothing."""
    return {
        (label["document"], label["image"], label["uuid"]): {
            key: label[key] for key in ("class", "bbox", "area", "keypoints", "is_manual", "answers")
        }
        for label in labels(documents)
    }


def churn(before: list[Record], after: list[Record]) -> dict[str, list[int]]:
    """Added, removed and changed labels by class, between the exports of two nights."""
    old, new = said(before), said(after)
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for key in old.keys() | new.keys():
        if key not in old or key not in new:
            counts[(old.get(key) or new[key])["class"]][key in old] += 1
        elif old[key] != new[key]:
            counts[new[key]["class"]][2] += 1
    return dict(counts)


ANSWERS: dict[str, Answer] = {
    function.__name__: function
    for function in (
        labels_per_class,
        labels_per_document_and_class,
        class_balance,
        rarest_classes,
        unused_categories,
        labels_per_image,
        images_without_labels,
        crowded_images,
        size_classes,
        box_sizes,
        smallest_boxes,
        largest_labels,
        automation_by_class,
        automation_by_document,
        attribute_values,
        attribute_completeness,
        open_attributes,
        unanswered_attributes,
        keypoint_visibility,
        incomplete_skeletons,
        longest_tracks,
        track_gaps,
        class_switches,
        cooccurring_classes,
        biggest_documents,
        media_types,
        label_shapes,
    )
}
