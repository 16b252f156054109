"""The classifications of a label row, whether its file has them by frame or by ranges of frames."""

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from labelhouse.coco.json_text import json_text
from labelhouse.coco.values import Json
from labelhouse.label_rows.ontology import Ontology
from labelhouse.label_rows.rebuilding.objects import (
    History,
    StoredRange,
    classification_object,
    classification_on_frame,
)
from labelhouse.label_rows.rebuilding.patches import ON_FRAMES, is_same, patch
from labelhouse.label_rows.row_parts import RowObject
from labelhouse.label_rows.row_ranges import FrameRanges, range_rows, unit_of
from labelhouse.label_rows.row_splitter import escaped
from labelhouse.label_rows.times import read_time
from labelhouse.reason_codes import ReasonCode
from labelhouse.schema.label_row_tables import CLASSIFICATIONS
from labelhouse.texts.url_secrets import without_secrets

if TYPE_CHECKING:
    from labelhouse.label_rows.row import RowReader


class RowClassifications:
    """Collect what frames say of classifications; answers say the rest at the end of the row.

    Ranges are the authority: what frames say counts where a classification has none.
    """

    def __init__(self, ontology: Ontology) -> None:
        self._ontology = ontology
        self._seen: dict[str, RowObject] = {}
        self._frames: dict[str, dict[str | None, FrameRanges]] = {}

    def see(self, one: RowObject, frame: int | None, space: str | None) -> None:
        """Take a classification of a frame."""
        key = str(one["classificationHash"])
        self._seen.setdefault(key, one)
        if frame is not None:
            spaces = self._frames.setdefault(key, {})
            if space not in spaces:
                spaces[space] = FrameRanges()
            spaces[space].add(frame)

    def reference(self, one: Json) -> Json:
        """Return the hash of a classification that a frame says as the first one did, else a list of it."""
        key = one.get("classificationHash") if isinstance(one, dict) else None
        known = self._seen.get(key) if isinstance(key, str) else None
        return key if known is not None and is_same(known, one) else [one]

    def rows(self, row: "RowReader", answers: dict[str, bytes], media_type: str | None) -> Iterator[None]:
        """Add the rows of each classification, with its answers and ranges."""
        keys = [*answers, *(key for key in self._seen if key not in answers)]
        unit = unit_of(media_type)
        for position, key in enumerate(keys):
            answer = row.answer("classification_answers", answers, key)
            values = {**self._seen.get(key, {}), **answer}
            ranges = list(self._ranges(row, key, answer, unit))
            feature_hash = values.get("featureHash")
            one = (
                self._ontology.classifications.get(feature_hash) if isinstance(feature_hash, str) else None
            )
            if one is None and self._ontology.key is not None:
                row.add_issue(
                    ReasonCode.DANGLING_REF,
                    "featureHash: no classification of the ontology has it",
                    f"/classification_answers/{escaped(key)}",
                )
            is_on_frames = any(each["range_start"] is not None for each in ranges)
            level = one.level if one else None
            scope = "frames" if is_on_frames else "global" if level == "global" else "file"
            history = history_of(values)
            name = one.name if one else _name_of(values)
            own_hash = feature_hash if isinstance(feature_hash, str) else None
            placed = map(stored_range, ranges)
            entries = dicts_of(answer.get("classifications"))
            # One that only frames have is in no answer: all keys are absent then.
            rest = patch(answer, classification_object(key, own_hash, history, placed, entries))
            if key in self._seen:
                on_frame = classification_on_frame(key, own_hash, name, history)
                rest[ON_FRAMES] = patch(self._seen[key], on_frame)
            row.blocks.add_row(
                CLASSIFICATIONS,
                row.document,
                {
                    "position": position,
                    "classification_hash": key,
                    "feature_hash": own_hash,
                    "name": name and without_secrets(name),
                    "scope": scope,
                    **history_columns(history),
                    "extra": json_text(rest) if rest else None,
                },
            )
            row.add_ranges("classification", position, iter(ranges))
            row.add_answers("classification", key, answer.get("classifications"), unit)
            yield

    def _ranges(self, row: "RowReader", key: str, answer: RowObject, unit: str) -> Iterator[dict[str, Any]]:
        all_ranges = list(range_rows(answer.get("range"), unit))
        spaces = answer.get("spaces")
        for space, value in spaces.items() if isinstance(spaces, dict) else ():
            own = value.get("range") if isinstance(value, dict) else None
            placed = list(range_rows(own, row.space_unit(space), space))
            whole = {"range_start": None, "range_end": None, "unit": row.space_unit(space), "html": None}
            all_ranges += placed or [{**whole, "space": space}]
        if not all_ranges:
            for place, frames in self._frames.get(key, {}).items():
                all_ranges += range_rows(frames.ranges(), "frame", place)
        yield from all_ranges


def history_of(values: RowObject) -> History:
    """Return who made and edited something, and when."""

    def time(key: str) -> int | None:
        text = values.get(key)
        time = read_time(text) if isinstance(text, str) else None
        return time.microseconds if time else None

    def text(key: str) -> str | None:
        value = values.get(key)
        return value if isinstance(value, str) else None

    confidence, manual = values.get("confidence"), values.get("manualAnnotation")
    is_number = type(confidence) in (int, float)
    return History(
        time("createdAt"),
        text("createdBy"),
        time("lastEditedAt"),
        text("lastEditedBy"),
        float(confidence) if is_number else None,  # type: ignore[arg-type]
        manual if isinstance(manual, bool) else None,
    )


def history_columns(history: History) -> dict[str, Any]:
    """Return the columns of a history."""
    people = {"created_by": history.created_by, "last_edited_by": history.last_edited_by}
    return {**history._asdict(), **{name: one and without_secrets(one) for name, one in people.items()}}


def stored_range(row: Mapping[str, Any]) -> StoredRange:
    """Return what a row of ranges says."""
    if row["html"] is not None:
        return StoredRange(row["space"], json.loads(row["html"]), is_html=True)
    start, end = row["range_start"], row["range_end"]
    return StoredRange(row["space"], None if start is None else [start, end], row["unit"] == "html")


def dicts_of(value: Json) -> list[Json]:
    """Return the objects of a list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _name_of(values: RowObject) -> str | None:
    name: Json = values.get("name")
    answers = values.get("classifications")
    if name is None and isinstance(answers, list) and answers and isinstance(answers[0], dict):
        name = answers[0].get("name")
    return name if isinstance(name, str) else None
