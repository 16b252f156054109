"""The classifications of a label row, whether its file has them by frame or by ranges of frames."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from labelhouse.coco.json_text import json_text
from labelhouse.coco.values import Json
from labelhouse.label_rows.ontology import Ontology
from labelhouse.label_rows.row_parts import RowObject
from labelhouse.label_rows.row_ranges import FrameRanges, range_rows, unit_of
from labelhouse.label_rows.row_splitter import escaped
from labelhouse.label_rows.times import read_time
from labelhouse.reason_codes import ReasonCode
from labelhouse.schema.label_row_tables import CLASSIFICATIONS
from labelhouse.texts.url_secrets import without_secrets

if TYPE_CHECKING:
    from labelhouse.label_rows.row import RowReader

_HISTORY = ("createdAt", "createdBy", "lastEditedAt", "lastEditedBy", "confidence", "manualAnnotation")
_KNOWN = ("classificationHash", "featureHash", "classifications", "range", "spaces", *_HISTORY)


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
            rest = {k: v for k, v in values.items() if k not in _KNOWN}
            row.blocks.add_row(
                CLASSIFICATIONS,
                row.document,
                {
                    "position": position,
                    "classification_hash": key,
                    "feature_hash": feature_hash if isinstance(feature_hash, str) else None,
                    "name": one.name if one else _name_of(values),
                    "scope": scope,
                    **history_columns(values, rest),
                    "manual_annotation": _flag(values, rest),
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


def history_columns(values: RowObject, rest: RowObject) -> dict[str, Any]:
    """Return who made and edited something, and when; what is in no column goes to `rest`."""
    columns: dict[str, Any] = {}
    for name, key in (("created_at", "createdAt"), ("last_edited_at", "lastEditedAt")):
        text = values.get(key)
        time = read_time(text) if isinstance(text, str) else None
        columns[name] = time.microseconds if time else None
        if key in values and not (time and time.is_usual):
            rest[key] = text
    for name, key in (("created_by", "createdBy"), ("last_edited_by", "lastEditedBy")):
        text = values.get(key)
        columns[name] = without_secrets(text) if isinstance(text, str) else None
        if key in values and not isinstance(text, str):
            rest[key] = text
    confidence = values.get("confidence")
    is_number = type(confidence) in (int, float)
    columns["confidence"] = float(confidence) if is_number else None  # type: ignore[arg-type]
    if "confidence" in values and not is_number:
        rest["confidence"] = confidence
    return columns


def _flag(values: RowObject, rest: RowObject) -> bool | None:
    value = values.get("manualAnnotation")
    if isinstance(value, bool):
        return value
    if "manualAnnotation" in values:
        rest["manualAnnotation"] = value
    return None


def _name_of(values: RowObject) -> str | None:
    name: Json = values.get("name")
    answers = values.get("classifications")
    if name is None and isinstance(answers, list) and answers and isinstance(answers[0], dict):
        name = answers[0].get("name")
    return without_secrets(name) if isinstance(name, str) else None
