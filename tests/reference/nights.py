"""A project that people label night after night, kept in plain Python, and what happened to each label."""

import copy
import json
import random
from dataclasses import dataclass, field
from typing import Any

CLASSES = ["Car", "Boat", "Person"]

LabelKey = tuple[str, str, str]
"""Document, image, and the identity of the label."""
State = dict[LabelKey, dict[str, Any]]
"""What each label says."""
Difference = tuple[str, set[str], dict[str, Any] | None, dict[str, Any] | None]
"""Change, fields, and the label before and after."""


@dataclass
class Label:
    """One label as people know it, whatever ids an export gives it."""

    identity: str
    uuid: str | None
    category: str
    bbox: list[float]
    segmentation: list[list[float]]
    keypoints: list[float] | None
    rotation: float | None
    manual: bool
    answers: dict[str, Any]
    export_id: int
    after_is_told: bool = True

    def says(self) -> dict[str, Any]:
        """All that the label says, as label_changes tells it."""
        said = {
            "category": self.category,
            "bbox": self.bbox,
            "area": self.bbox[2] * self.bbox[3],
            "iscrowd": 0,
            "segmentation": self.segmentation or None,
            "keypoints": self.keypoints,
            "num_keypoints": self.keypoints and len(self.keypoints) // 3,
            "rotation": self.rotation,
            "manual_annotation": self.manual,
        }
        said = {name: value for name, value in said.items() if value is not None}
        return said | {f"attributes.{name}": value for name, value in self.answers.items()}


@dataclass
class Image:
    """One image of a document."""

    key: str
    file_name: str
    labels: list[Label] = field(default_factory=list)


@dataclass
class Project:
    """Documents by name, the ontology, and the ids that the next labels get."""

    chance: random.Random
    with_uuids: bool
    documents: dict[str, list[Image]] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)
    away: dict[str, list[Image]] = field(default_factory=dict)
    classes: list[str] = field(default_factory=lambda: list(CLASSES))
    next_id: int = 0
    changed: set[int] = field(default_factory=set)
    """Labels, by id(), that this night added or changed."""
    labelled: set[str] = field(default_factory=set)
    """Documents that have had a label in any night."""

    def state(self) -> State:
        """What every label says, by document, image and identity."""
        return {
            (name, image.key, label.identity): label.says()
            for name, images in self.documents.items()
            for image in images
            for label in image.labels
        }

    def live_through(self, night: int) -> bool:
        """Let one night's work happen; return whether its export is the whole project."""
        chance = self.chance
        self.changed = set()
        # Identities that stood on an image last night are not given again tonight.
        taken = {
            image.key: {label.identity for label in image.labels}
            for images in (*self.documents.values(), *self.away.values())
            for image in images
        }
        if night % 7 == 3:
            self.classes.insert(0, f"Class {night}")
        is_full = night % 4 == 2 and len(self.documents) > 2
        new = [self._new_document(night) for _ in range(2 if night == 0 else chance.random() < 0.3)]
        came_back: str | None = None
        if is_full:
            # One that has been there: what was never loaded does not come back.
            for name in chance.sample(sorted(set(self.documents) - set(new)), 1):
                self.away[name] = self.documents.pop(name)
        elif self.away and chance.random() < 0.5:
            came_back = chance.choice(sorted(self.away))
            self.documents[came_back] = self.away.pop(came_back)
            for image in self.documents[came_back]:
                self._renew(image)
        for name, images in self.documents.items():
            if name not in new and chance.random() < 0.6:
                for image in images:
                    self._work_on(image, taken.get(image.key, set()))
            labels = [label for image in images for label in image.labels]
            if came_back == name and name not in self.labelled:
                # The history never heard of it: it comes as a new document does.
                for label in labels:
                    label.after_is_told = False
            if labels:
                self.labelled.add(name)
        return is_full

    def _new_document(self, night: int) -> str:
        name = f"{'video' if self.chance.random() < 0.5 else 'image'}{len(self.known)}"
        self.known.add(name)
        if name.startswith("video"):
            images = [Image(f"{name}/{frame}", f"videos/{name}/{frame}.jpg") for frame in range(3)]
        else:
            images = [Image(name, f"images/{name}.jpg")]
        for image in images:
            for _ in range(self.chance.randint(0 if night else 1, 4)):
                self._add(image, set(), after_is_told=False)
        self.documents[name] = images
        return name

    def _renew(self, image: Image) -> None:
        """A document that comes back has all its labels anew: without uuids under tonight's ids."""
        for label in image.labels:
            label.after_is_told = True
            label.export_id = self._id()
            self.changed.add(id(label))
            if label.uuid is None:
                label.identity = f"#{label.export_id}"

    def _id(self) -> int:
        self.next_id += 1
        return self.next_id

    def _add(self, image: Image, taken: set[str], *, after_is_told: bool = True) -> None:
        chance, number = self.chance, self._id()
        uuid = f"{chance.randrange(16**8):08x}" if self.with_uuids else None
        if uuid and image.labels and chance.random() < 0.1:
            uuid = image.labels[0].uuid  # one object with several labels on the image
        plain = uuid or f"#{number}"
        taken = taken | {label.identity for label in image.labels}
        free = (name for n in range(1, 99) if (name := plain if n == 1 else f"{plain}~{n}") not in taken)
        is_person = chance.random() < 0.3
        label = Label(
            identity=next(free),
            uuid=uuid,
            category="Person" if is_person else chance.choice(["Car", "Boat"]),
            bbox=self._box(),
            segmentation=[[1.0, 2.0, 3.5, 2.0, 3.5, chance.random()]] if chance.random() < 0.4 else [],
            keypoints=[chance.random(), 2.0, 2.0, 3.0, 4.0, 1.0] if is_person else None,
            rotation=chance.choice([None, 0.0, 90.0]),
            manual=chance.random() < 0.5,
            answers={"Colour": chance.choice(["red", "b\"l'ue", None])},
            export_id=number,
            after_is_told=after_is_told,
        )
        image.labels.append(label)
        self.changed.add(id(label))

    def _box(self) -> list[float]:
        return [round(self.chance.uniform(0, 20), 3) for _ in range(2)] + [2.5, self.chance.random() + 1]

    def _work_on(self, image: Image, taken: set[str]) -> None:
        chance = self.chance
        for label in list(image.labels):
            action = chance.random()
            if action < 0.08:
                # Of several labels of one object nobody could tell which one is gone.
                if not label.uuid or [other.uuid for other in image.labels].count(label.uuid) == 1:
                    image.labels.remove(label)
                continue
            if action < 0.16:
                label.bbox = self._box()
            elif action < 0.24:
                label.category = chance.choice([c for c in self.classes if c != label.category])
            elif action < 0.34:
                label.answers[chance.choice(["Colour", "Parked", "Speed", "Note"])] = chance.choice(
                    ["green", True, False, 2.5, 7, None, {"deep": [1]}]
                )
            elif action < 0.38 and label.answers:
                label.answers.pop(chance.choice(sorted(label.answers)))
            elif action < 0.42:
                label.rotation = 45.5 if label.rotation is None else None
            elif action < 0.46:
                label.manual = not label.manual
            elif action < 0.5 and label.keypoints:
                label.keypoints = [*label.keypoints[:2], 3.0 - label.keypoints[2], *label.keypoints[3:]]
            elif action < 0.54:
                label.segmentation = [] if label.segmentation else [[0.0, 0.0, 5.0, 0.0, 5.0, 5.0]]
            else:
                continue
            self.changed.add(id(label))
        for _ in range(chance.choice([0, 0, 1, 2])):
            self._add(image, taken)

    def export(self) -> list[dict[str, Any]]:
        """Return tonight's export: every id new where a tool may renumber it, in any order."""
        chance = self.chance
        documents = [self._document(name, images) for name, images in self.documents.items()]
        chance.shuffle(documents)
        return copy.deepcopy(documents)

    def _document(self, name: str, images: list[Image]) -> dict[str, Any]:
        chance = self.chance
        labels = [(number, label) for number, image in enumerate(images) for label in image.labels]
        # Without uuids only content tells a renumbered label: one that changed keeps its id.
        free = [label for _, label in labels if self.with_uuids or id(label) not in self.changed]
        ids = [label.export_id for label in free]
        chance.shuffle(ids)
        for label, number in zip(free, ids, strict=True):
            label.export_id = number
        # In any order, but the labels of one object one after the other as ever.
        order = {label.uuid or label.identity: chance.random() for _, label in labels}
        labels.sort(key=lambda entry: order[entry[1].uuid or entry[1].identity])
        numbers = [chance.randrange(1000) * 10 + n for n in range(len(images))]
        ids_of_classes = {category: n + 1 for n, category in enumerate(self.classes)}
        signature = f"?X-Signature={chance.random()}"
        shown = [
            {
                "id": number,
                "file_name": image.file_name,
                "coco_url": f"https://bucket.example/{image.file_name}{signature}",
                "width": 640,
                "height": 480,
            }
            for number, image in zip(numbers, images, strict=True)
        ]
        chance.shuffle(shown)
        empty = dict.fromkeys(("contributor", "date_created", "url", "version", "year"))
        return {
            "info": {"description": name, **empty},
            "categories": [
                {"id": n, "name": category, "supercategory": "bounding_box"}
                for category, n in ids_of_classes.items()
            ],
            "images": shown,
            "annotations": [
                self._annotation(label, numbers[image], ids_of_classes) for image, label in labels
            ],
        }

    def _annotation(self, label: Label, image_id: int, classes: dict[str, int]) -> dict[str, Any]:
        attributes: dict[str, Any] = {
            "track_id": self.chance.randrange(10**6),
            "classifications": label.answers,
            "manual_annotation": label.manual,
        }
        if label.uuid is not None:
            attributes["encord_track_uuid"] = label.uuid
        if label.rotation is not None:
            attributes["rotation"] = label.rotation
        return {
            "id": label.export_id,
            "image_id": image_id,
            "category_id": classes[label.category],
            "bbox": label.bbox,
            "area": label.bbox[2] * label.bbox[3],
            "iscrowd": 0,
            "segmentation": label.segmentation,
            "keypoints": label.keypoints,
            "num_keypoints": label.keypoints and len(label.keypoints) // 3,
            "attributes": attributes,
        }


def difference(before: State, after: State) -> dict[LabelKey, Difference]:
    """Return change, fields, before and after of every label that differs between two states."""
    changes: dict[LabelKey, Difference] = {}
    for key in before.keys() | after.keys():
        old, new = before.get(key), after.get(key)
        if old is None or new is None:
            changes[key] = ("added" if old is None else "removed", set(), old, new)
        elif fields := {f for f in old.keys() | new.keys() if _text(old, f) != _text(new, f)}:
            changes[key] = ("changed", fields, _part(old, fields), _part(new, fields))
    return changes


def _text(said: dict[str, Any], name: str) -> str:
    return json.dumps(said[name], sort_keys=True) if name in said else ""


def _part(said: dict[str, Any], fields: set[str]) -> dict[str, Any]:
    return {f: said.get(f) for f in fields if f in said or not f.startswith("attributes.")}
