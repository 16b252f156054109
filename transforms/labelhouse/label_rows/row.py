"""Read one label row: its images and labels, classifications, answers and ranges."""

import math
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from labelhouse.coco.json_text import json_text
from labelhouse.coco.sections import Section
from labelhouse.coco.values import MISSING, Json
from labelhouse.errors import InputError
from labelhouse.label_rows.answers import Entry, answer_rows, entries_of, label_answers
from labelhouse.label_rows.blocks import RowBlocks
from labelhouse.label_rows.categories import RowCategories
from labelhouse.label_rows.classifications import RowClassifications, dicts_of, stored_range
from labelhouse.label_rows.data_units import DataUnit, media_type_of
from labelhouse.label_rows.decoding import OddObject, members, problem_of, raw_members, whole_object
from labelhouse.label_rows.geometry import GEOMETRY_KEYS, GeometryError, Shape, shape_of, unsized_shape_of
from labelhouse.label_rows.ontology import Ontology
from labelhouse.label_rows.rebuilding.layout import Layout, frame_content, joined
from labelhouse.label_rows.rebuilding.objects import placed_object
from labelhouse.label_rows.rebuilding.patches import ABSENT, patch
from labelhouse.label_rows.row_parts import RowObject, RowParts, Spool
from labelhouse.label_rows.row_ranges import Segments, range_rows, unit_of
from labelhouse.label_rows.row_splitter import ANSWERS, UNITS, escaped
from labelhouse.label_rows.row_values import label_row
from labelhouse.label_rows.times import read_time
from labelhouse.readers.events import DocumentEnd, DocumentIssue, DocumentStart, Refused
from labelhouse.reason_codes import ReasonCode
from labelhouse.schema.label_row_tables import ANSWERS as ANSWER_TABLE
from labelhouse.schema.label_row_tables import LABEL_ROWS, RANGES
from labelhouse.texts.url_secrets import without_secrets

_SIZED = frozenset({"image", "video", "dicom", "nifti"})
"""Data units whose labels lie on pixels; their size is that of the row."""
_ENCODE = msgspec.json.Encoder().encode
_INT64 = 2**63


class RowReader:
    """Read a row whose parts are there into blocks."""

    def __init__(self, parts: RowParts, spool: Spool, blocks: RowBlocks, ontology: Ontology) -> None:
        self._parts = parts
        self._spool = spool
        self._blocks = blocks
        self._ontology = ontology
        self._document = parts.position
        self._categories = RowCategories(ontology)
        self._classifications = RowClassifications(ontology)
        self._values: RowObject = {}
        self._object_answers: dict[str, bytes] = {}
        self._object_actions: dict[str, bytes] = {}
        self._seen: dict[str, int] = {}
        """Track number of each object, in the order of the labels."""
        self._is_odd = False
        """Whether the frames that are read may hold values that columns do not."""
        self._has_unsized = False
        """Whether an issue says that the size of some image is not known."""
        self._images = 0
        self._labels = 0
        self._refused = 0
        self._answers = 0
        self._ranges = 0
        self._actions: dict[str, tuple[list[Entry], Segments]] = {}
        self._codes: dict[tuple[str, Json, int], int] = {}
        self._codes_of: object = None
        self._layout = Layout()
        self._patches: dict[str, dict[str, RowObject]] = {"object_answers": {}, "object_actions": {}}
        """What the tables do not give back of answers, by section and key."""
        self._wrong_answers: set[tuple[str, str]] = set()

    def read(self) -> Iterator[None]:
        """Read the row; yields where the blocks may be flushed."""
        parts, blocks = self._parts, self._blocks
        blocks.start(DocumentStart(self._document, parts.in_list))
        self._values = whole_object(bytes(parts.text), parts.offset, parts.pointer)
        blocks.size += len(parts.text)
        units = self._units()
        self._object_answers = self._raw_answers("object_answers")
        self._object_actions = self._raw_answers("object_actions")
        for unit in units:
            yield from self._read_unit(unit)
        for _ in self._objects_without_frames(units):
            yield
        for _ in self._answer_rows():
            yield
        answers = self._raw_answers("classification_answers")
        for _ in self._classifications.rows(self, answers, media_type_of(self._values)):
            yield
        self._end(units, len(answers))
        yield

    @property
    def blocks(self) -> RowBlocks:
        """Where the row's records go."""
        return self._blocks

    @property
    def document(self) -> int:
        """Index of the row in its text."""
        return self._document

    def space_unit(self, space: str) -> str:
        """Return what ranges in a space count."""
        return self._space_units.get(space, "frame")

    def _units(self) -> list[DataUnit]:
        """Return the data units and then the spaces, each with its values decoded."""
        decoded: list[DataUnit] = []
        parts = self._parts
        for name in sorted(UNITS):
            marks = self._values.get(name)
            if name in self._values and not isinstance(marks, dict | None):
                raise self._wrong(f"/{name}", f"{name} is not an object")
            own = [unit for unit in parts.units if unit.parent == name]
            if isinstance(marks, dict):
                if len({unit.key for unit in own}) < len(own):
                    raise InputError(
                        ReasonCode.DUPLICATE_KEY,
                        f"a key of {name} occurs twice in one label row",
                        pointer=f"{parts.pointer}/{name}",
                        remedy="export the file again",
                    )
                keys = {unit.key for unit in own}
                for key in marks:
                    if key not in keys:
                        raise self._wrong(f"/{name}/{escaped(key)}", f"one of {name} is not an object")
            for unit in own:
                values = whole_object(
                    bytes(unit.text), unit.offset, f"{parts.pointer}/{name}/{escaped(unit.key)}"
                )
                self._blocks.size += len(unit.text)
                unit.has_labels = unit.has_labels or values.get("labels") is not None
                labels = values.pop("labels", None) if unit.has_labels else None
                if isinstance(labels, dict) and labels:
                    unit.labels.append(self._spool.add(_ENCODE(labels)[1:-1], unit.offset))
                elif not isinstance(labels, dict | None):
                    raise self._wrong(f"/{name}/{escaped(unit.key)}/labels", "labels is not an object")
                decoded.append(DataUnit.of(unit, values, self._values))
        self._space_units = {
            unit.space: unit_of(unit.media_type) for unit in decoded if unit.space is not None
        }
        return decoded

    def _wrong(self, place: str, message: str) -> InputError:
        return InputError(
            ReasonCode.WRONG_TYPE,
            message,
            pointer=self._parts.pointer + place,
            remedy="export it again",
        )

    def _raw_answers(self, section: str) -> dict[str, bytes]:
        """Return the answers of a section, each as text."""
        decoded: dict[str, bytes] = {}
        pointer = f"{self._parts.pointer}/{section}"
        for piece in self._parts.answers.get(section, ()):
            self._blocks.size += piece.size
            decoded |= raw_members(self._spool.read(piece), piece.offset, pointer)
        others = self._values.get(section)
        if isinstance(others, dict):
            decoded |= {key: _ENCODE(value) for key, value in others.items()}
        elif others is not None:
            raise self._wrong(f"/{section}", f"{section} is not an object")
        return decoded

    def answer(self, section: str, answers: dict[str, bytes], key: str) -> RowObject:
        """Return one of the answers; an empty one, with an issue, if it cannot be stored."""
        text = answers.get(key)
        if text is None or (section, key) in self._wrong_answers:
            return {}
        pointer = f"{self._parts.pointer}/{section}/{escaped(key)}"
        text = text.strip()
        if not text.startswith(b"{"):
            self.add_issue(ReasonCode.WRONG_TYPE, f"one of {section} is not an object", pointer)
            self._wrong_answers.add((section, key))
            return {}
        value = whole_object(text, 0, pointer)
        if isinstance(value, OddObject) and (problem := problem_of(value)):
            self.add_issue(problem[0], f"{section}: {problem[1]}; left out", pointer)
            self._wrong_answers.add((section, key))
            return {}
        return value

    def add_issue(self, code: ReasonCode, message: str, pointer: str) -> None:
        """Add an issue of a place in the row."""
        place = pointer.removeprefix(self._parts.pointer)
        self._blocks.add_issue(DocumentIssue(self._document, code, message, place))

    # Images and their labels

    def _read_unit(self, unit: DataUnit) -> Iterator[None]:
        place = f"/{unit.unit.parent}/{escaped(unit.unit.key)}/labels"
        if unit.is_image and unit.space is None:
            image_id = self._add_image(unit, "", None, place)
            content: RowObject = {"absent": ["objects", "classifications"]}
            for at, piece in enumerate(unit.unit.labels):
                self._blocks.size += piece.size
                frame = members(self._spool.read(piece), piece.offset, self._parts.pointer + place)
                self._is_odd = isinstance(frame, OddObject)
                self._read_frame(unit, image_id, unit.index or 0, frame, place)
                content = joined(content, self._content(frame, place), is_first=at == 0)
                yield
            self._add_unit(unit, "image", 1, content)
            yield
            return
        first, form, content = self._images, "frames", {}
        for piece in unit.unit.labels:
            self._blocks.size += piece.size
            frames = members(self._spool.read(piece), piece.offset, self._parts.pointer + place)
            self._is_odd = isinstance(frames, OddObject)
            if isinstance(frames.get("objects"), list) or isinstance(frames.get("classifications"), list):
                # A data group has an empty list of its own; what is in a scene may be without frames.
                is_first, form = form == "frames", "flat"
                if frames.get("objects") or frames.get("classifications"):
                    image_id = self._add_image(unit, "", None, place)
                    self._read_frame(unit, image_id, 0, frames, place)
                content = joined(content, self._content(frames, place), is_first=is_first)
                continue
            for key, values in frames.items():
                here = f"{place}/{escaped(key)}"
                if not isinstance(values, dict):
                    self._refuse(here, ReasonCode.WRONG_TYPE, "a frame that is not an object", values)
                    continue
                metadata = values.get("metadata")
                image_id = self._add_image(unit, key, metadata, here)
                number = int(key) if key.isascii() and key.isdecimal() and len(key) < 19 else None
                self._read_frame(unit, image_id, number, values, here)
                self._keep_frame(key, self._content(values, here))
            yield
        self._add_unit(unit, form, self._images - first, content)

    def _add_unit(self, unit: DataUnit, form: str, images: int, content: RowObject) -> None:
        known_form = form if unit.unit.has_labels else None
        self._layout.add_unit(unit.unit.parent, unit.unit.key, known_form, images, content)

    def _content(self, frame: RowObject, place: str) -> RowObject:
        """Return what a frame has beside its objects; nothing, with an issue, if it cannot be stored."""
        content = frame_content(frame, self._classifications)
        if content and self._is_odd and (problem := problem_of(content)):
            self.add_issue(problem[0], f"a frame: {problem[1]}; left out", self._parts.pointer + place)
            return {}
        return content

    def _keep_frame(self, key: str, content: RowObject) -> None:
        """Keep what the columns of an image do not say of its frame."""
        images = self._blocks.images
        frame = images.frames[-1]
        if key != ("" if frame is None else str(frame)):
            content = {"frame": key, **content}
        if content:
            images.row_extras[-1] = json_text(content)

    def _add_image(self, unit: DataUnit, frame: str, metadata: Json, place: str) -> int:
        images = self._blocks.images
        name = unit.name(frame, metadata)
        records = images.records
        records.documents.append(self._document)
        records.positions.append(self._images)
        records.places.append(place)
        records.raw.append({"frame": frame})
        images.ids.append(self._images)
        images.file_names.append(name.file_name)
        images.titles.append(unit.title)
        images.title_keys.append(unit.title_key)
        images.urls.append(unit.url(metadata))
        width, height = unit.size(metadata)
        images.widths.append(width)
        images.heights.append(height)
        images.keys.append(name.key)
        images.media_types.append(unit.media_type)
        images.data_hashes.append(unit.data_hash)
        images.frames.append(name.frame)
        images.row_extras.append(None)
        self._size = (width, height)
        self._images += 1
        return self._images - 1

    def _read_frame(
        self, unit: DataUnit, image_id: int, frame: int | None, values: RowObject, place: str
    ) -> None:
        objects, classifications = values.get("objects"), values.get("classifications")
        width, height = self._size
        size = (width, height) if _is_size(width) and _is_size(height) else None
        if unit.media_type == "scene" and unit.space is None:
            # Its coordinates are not those of an image.
            size = None
        if objects and size is None and unit.space is None and unit.media_type in _SIZED:
            self._say_that_size_is_missing(place)
        if isinstance(objects, list):
            for index, label in enumerate(objects):
                self._read_label(unit, image_id, frame, label, f"{place}/objects/{index}", size)
        elif objects is not None:
            self._refuse(f"{place}/objects", ReasonCode.WRONG_TYPE, "objects is not a list", objects)
        if isinstance(classifications, list):
            for index, one in enumerate(classifications):
                if isinstance(one, dict) and isinstance(one.get("classificationHash"), str):
                    self._classifications.see(one, frame, unit.space)
                else:
                    self.add_issue(
                        ReasonCode.WRONG_TYPE,
                        "a classification without classificationHash; left out",
                        f"{self._parts.pointer}{place}/classifications/{index}",
                    )
        elif classifications is not None:
            self.add_issue(
                ReasonCode.WRONG_TYPE,
                "classifications is not a list; left out",
                f"{self._parts.pointer}{place}/classifications",
            )

    def _say_that_size_is_missing(self, place: str) -> None:
        """Add one issue a row: a video may have very many frames."""
        if not self._has_unsized:
            self._has_unsized = True
            self.add_issue(
                ReasonCode.MISSING_FIELD,
                "width, height: missing or not above 0; geometry stays in shares of the image",
                f"{self._parts.pointer}{place}",
            )

    def _refuse(self, place: str, code: ReasonCode, message: str, value: Json) -> None:
        raw = json_text(value).encode("utf-8", "replace") if problem_of(value) is None else b""
        refused = Refused(self._document, self._labels, code, message, raw, place)
        self._blocks.labels.records.refused.append(refused)
        self._labels += 1

    def _read_label(
        self,
        unit: DataUnit,
        image_id: int | None,
        frame: int | None,
        label: Json,
        place: str,
        size: tuple[Any, Any] | None,
    ) -> None:
        if not isinstance(label, dict):
            self._refuse(place, ReasonCode.WRONG_TYPE, "the record is not an object", label)
            return
        try:
            shape = shape_of(label, *size) if size else unsized_shape_of(label)
        except GeometryError as error:
            code = ReasonCode.MISSING_FIELD if " without " in str(error) else ReasonCode.WRONG_TYPE
            self._refuse(place, code, str(error), label)
            return
        if label.get("shape") not in GEOMETRY_KEYS:
            self.add_issue(
                ReasonCode.BAD_VALUE,
                "shape: not one that Labelhouse knows; its geometry is kept in row_extra",
                f"{self._parts.pointer}{place}/shape",
            )
        if not _is_finite(shape):
            self._refuse(place, ReasonCode.NUMBER_RANGE, "geometry: beyond the range of a double", label)
            return
        if self._is_odd and (problem := problem_of(label)):
            self._refuse(place, *problem, label)
            return
        self._add_label(unit.space, image_id, frame, label, place, shape)

    def _add_label(
        self,
        space: str | None,
        image_id: int | None,
        frame: int | None,
        label: RowObject,
        place: str,
        shape: Shape,
    ) -> int:
        """Add a label and return its position."""
        labels = self._blocks.labels
        columns, records = labels.columns, labels.records
        position = self._labels
        self._labels += 1
        records.documents.append(self._document)
        records.positions.append(position)
        records.places.append(place)
        records.raw.append(label)
        rest = dict(label)
        object_hash = _take_text(rest, "objectHash")
        category = self._categories.of(label)
        if category is not None and category.is_dangling:
            self.add_issue(
                ReasonCode.DANGLING_REF,
                "featureHash: no object of the ontology has it",
                f"{self._parts.pointer}{place}/featureHash",
            )
        absent: list[Json] = []
        if category is not None:
            for key, value in category.usual:
                if key not in rest:
                    absent.append(key)
                elif rest[key] == value:
                    del rest[key]
        columns["id"].append(position)
        columns["image_id"].append(MISSING if image_id is None else image_id)
        columns["category_id"].append(MISSING if category is None else category.number)
        labels.add_shape(shape)
        if shape.rest is not None:
            key = GEOMETRY_KEYS.get(str(label.get("shape")), "")
            if key not in rest:
                absent.append(key)
            elif rest[key] == shape.rest:
                del rest[key]
        columns["encord_track_uuid"].append(MISSING if object_hash is None else object_hash)
        track = MISSING
        if object_hash is not None:
            track = self._seen.setdefault(object_hash, len(self._seen))  # type: ignore[assignment]
        columns["track_id"].append(track)
        manual = rest.get("manualAnnotation", rest.get("manual_annotation"))
        columns["manual_annotation"].append(manual if isinstance(manual, bool) else MISSING)
        if isinstance(manual, bool) and rest.pop("manualAnnotation", None) is None:
            absent.append("manualAnnotation")
        for name, key in (("created_at", "createdAt"), ("last_edited_at", "lastEditedAt")):
            columns[name].append(self._take_time(rest, key, place))
        for name, key in (("created_by", "createdBy"), ("last_edited_by", "lastEditedBy")):
            columns[name].append(_take_text(rest, key))
        confidence = rest.get("confidence")
        is_number = confidence.__class__ is float or confidence.__class__ is int
        columns["confidence"].append(float(rest.pop("confidence")) if is_number else None)  # type: ignore[arg-type]
        columns["feature_hash"].append(_take_text(rest, "featureHash"))
        columns["space"].append(space)
        number = rest.get("objectNumber")
        fits = type(number) is int and -_INT64 <= number < _INT64
        columns["object_number"].append(rest.pop("objectNumber") if fits else None)
        if absent:
            rest[ABSENT] = absent
        labels.rest.append(rest)
        labels.codes.append(self._code(object_hash, label.get("featureHash"), frame))
        return position

    def _take_time(self, rest: RowObject, key: str, place: str) -> int | None:
        text = rest.get(key)
        if text is None:
            return None
        time = read_time(text) if text.__class__ is str else None
        if time is None:
            self.add_issue(
                ReasonCode.BAD_VALUE, f"{key}: not a time; kept in row_extra", self._parts.pointer + place
            )
            return None
        if time.is_usual:
            del rest[key]
        return time.microseconds

    # Answers

    def _code(self, object_hash: str | None, feature_hash: Json, frame: int | None) -> int:
        """Return the index of a label's answers among those of the block."""
        labels = self._blocks.labels
        if self._codes_of is not labels:
            self._codes_of, self._codes = labels, {}
        segment = 0
        entries: Sequence[Entry] = ()
        if object_hash is not None and object_hash in self._object_actions:
            actions, segments = self._actions_of(object_hash)
            segment = segments.number(frame)
            entries = [actions[index] for index in segments.active(segment)] if segment else ()
        key = (object_hash or "", feature_hash if isinstance(feature_hash, str) else None, segment)
        if key not in self._codes:
            one = self._ontology.objects.get(feature_hash) if isinstance(feature_hash, str) else None
            static: list[Entry] = []
            if object_hash is not None and object_hash in self._object_answers:
                answer = self.answer("object_answers", self._object_answers, object_hash)
                static = list(entries_of(answer.get("classifications"), self._ontology))
            self._codes[key] = len(labels.sets)
            labels.sets.append(
                label_answers([*static, *entries], one.attributes if one else (), self._ontology)
            )
        return self._codes[key]

    def _actions_of(self, object_hash: str) -> tuple[list[Entry], Segments]:
        if object_hash not in self._actions:
            if len(self._actions) > _MOST_ACTIONS:
                self._actions.clear()
            answer = self.answer("object_actions", self._object_actions, object_hash)
            entries = list(entries_of(answer.get("actions"), self._ontology))
            self._actions[object_hash] = entries, Segments([entry.ranges for entry in entries])
        return self._actions[object_hash]

    def _answer_rows(self) -> Iterator[None]:
        """Add the rows of the answers about objects, and of their ranges."""
        unit = unit_of(media_type_of(self._values))
        for key in self._object_answers:
            answer = self.answer("object_answers", self._object_answers, key)
            if key not in self._without_frames:
                entries = dicts_of(answer.get("classifications"))
                self._patch("object_answers", key, answer, {"objectHash": key, "classifications": entries})
            self.add_answers("object", key, answer.get("classifications"), unit)
            if answer.get("classifications"):
                self._say_if_dangling("object_answers", key)
            yield
        for key in self._object_actions:
            answer = self.answer("object_actions", self._object_actions, key)
            entries = dicts_of(answer.get("actions"))
            self._patch("object_actions", key, answer, {"objectHash": key, "actions": entries})
            self.add_answers("action", key, answer.get("actions"), unit)
            if answer.get("actions"):
                self._say_if_dangling("object_actions", key)
            yield

    def _patch(self, section: str, key: str, answer: RowObject, rebuilt: RowObject) -> None:
        if (section, key) not in self._wrong_answers and (changes := patch(answer, rebuilt)):
            self._patches[section][key] = changes

    def _say_if_dangling(self, section: str, object_hash: str) -> None:
        if object_hash not in self._seen:
            self.add_issue(
                ReasonCode.DANGLING_REF,
                "no label of the row has this object",
                f"{self._parts.pointer}/{section}/{escaped(object_hash)}",
            )

    def add_answers(self, owner: str, owner_hash: str, answers: Json, unit: str) -> None:
        """Add the rows of a list of answers."""
        document, blocks = self._document, self._blocks
        for number, entry in enumerate(entries_of(answers, self._ontology)):
            first = self._answers
            space = entry.source.get("spaceId")
            for row in answer_rows(entry, owner, owner_hash, number):
                blocks.add_row(ANSWER_TABLE, document, {"position": self._answers, **row})
                self._answers += 1
            space_id = space if isinstance(space, str) else None
            counted = self.space_unit(space_id) if space_id is not None else unit
            self.add_ranges("answer", first, range_rows(entry.ranges, counted, space_id))

    def add_ranges(self, owner: str, owner_position: int, rows: Iterable[dict[str, Any]]) -> None:
        """Add ranges of an owner."""
        for row in rows:
            values = {"position": self._ranges, "owner": owner, "owner_position": owner_position, **row}
            self._blocks.add_row(RANGES, self._document, values)
            self._ranges += 1

    # Objects of audio, text and time, which are on no frame

    def _objects_without_frames(self, units: Sequence[DataUnit]) -> Iterator[None]:
        self._without_frames: set[str] = set()
        media_type = media_type_of(self._values)
        known = set(self._seen)
        for key in self._object_answers:
            if key in known:
                continue
            answer = self.answer("object_answers", self._object_answers, key)
            if not (isinstance(answer.get("shape"), str) or isinstance(answer.get("featureHash"), str)):
                continue
            self._without_frames.add(key)
            own = {
                k: v
                for k, v in answer.items()
                if k not in ("classifications", "range", "range_html", "spaces")
            }
            own.setdefault("objectHash", key)
            if (own_hash := own["objectHash"]) != key:
                self._layout.aliases[key] = own_hash if isinstance(own_hash, str) else None
            place = f"/object_answers/{escaped(key)}"
            spaces = answer.get("spaces")
            placed = spaces if isinstance(spaces, dict) and spaces else {None: answer}
            ranges: list[dict[str, Any]] = []
            for space, value in placed.items():
                position = self._add_label(space, None, None, own, place, Shape())
                if isinstance(value, dict):
                    unit = unit_of(media_type) if space is None else self.space_unit(space)
                    rows = [
                        *range_rows(value.get("range"), unit, space),
                        *range_rows(value.get("range_html"), "html", space),
                    ]
                    whole = {"range_start": None, "range_end": None, "unit": unit, "html": None}
                    rows = rows or [{**whole, "space": space}]
                    ranges += rows
                    self.add_ranges("annotation", position, rows)
            entries = dicts_of(answer.get("classifications"))
            rebuilt = {**own, **placed_object(key, map(stored_range, ranges), entries)}
            self._patch("object_answers", key, answer, rebuilt)
            yield

    # The row itself

    def _end(self, units: Sequence[DataUnit], classifications: int) -> None:
        values = self._values
        document_id, row = label_row(values, units, self._ontology.key, self._patches, self)
        sections = [name for name in (*UNITS, *ANSWERS) if isinstance(values.get(name), dict)]
        self._layout.answers = {
            "object_answers": list(self._object_answers),
            "object_actions": list(self._object_actions),
        }
        row["layout"] = json_text(self._layout.value(sorted(sections), classifications))
        self._blocks.add_row(LABEL_ROWS, self._document, row)
        title = values.get("data_title")
        info: RowObject = {
            "description": title if isinstance(title, str) else None,
            **dict.fromkeys(("contributor", "date_created", "url", "version", "year")),
        }
        end = DocumentEnd(
            self._document, frozenset(Section), {"info": info}, document_id, media_type_of(values)
        )
        self._blocks.end(end, self._categories.all())


_MOST_ACTIONS = 10_000


def _take_text(rest: RowObject, key: str) -> str | None:
    value = rest.get(key)
    if value.__class__ is not str:
        return None
    del rest[key]
    return _clean(value)


_clean = lru_cache(maxsize=1 << 14)(without_secrets)
"""The hashes and people of a row repeat on each of its frames."""


def _is_size(value: Json) -> bool:
    return type(value) in (int, float) and value > 0 and math.isfinite(value)  # type: ignore[operator,arg-type]


def _is_finite(shape: Shape) -> bool:
    if shape.bbox is None:
        return True
    return math.isfinite(math.fsum(shape.bbox)) if all(map(math.isfinite, shape.bbox)) else False
