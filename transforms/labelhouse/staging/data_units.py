"""Split an object of many data units, as Encord's SDK writes a whole project, into a document each.

A file name of Encord's says which data unit its image belongs to. A list has an object for each data unit
already, and is not split.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from labelhouse.coco.encord import is_encord_info, is_uuid
from labelhouse.coco.file_names import parse_file_name
from labelhouse.coco.sections import Section
from labelhouse.coco.values import Json
from labelhouse.compiled.annotations import Integers
from labelhouse.normalise.problems import Problems
from labelhouse.normalise.scalars import ids, listed
from labelhouse.readers.events import (
    AttributeColumns,
    Block,
    CompiledBlock,
    DocumentBlock,
    DocumentEnd,
    DocumentStart,
    Event,
    Run,
)
from labelhouse.texts.file_name_queries import file_name_without_secrets


class UnknownUnitsError(Exception):
    """An object has shown too late into which data units it is to be split."""


class DataUnits:
    """Which data unit of an object each image belongs to; units are numbered as they come.

    It holds 16 bytes for each image of every unit after the first, and nothing for other exports. Encord's
    data hashes are UUIDs; other names in a folder `images` name no data unit.
    """

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._titles: list[str | None] = []
        self._is_over = False
        self._image_ids: list[Integers] = []
        self._units: list[Integers] = []
        self._sorted: tuple[Integers, Integers] | None = None

    @classmethod
    def none(cls) -> "DataUnits":
        """Return the units of an object that is not split."""
        units = cls()
        units._is_over = True
        return units

    @property
    def count(self) -> int:
        """Number of data units; 1 for an object that is not split."""
        return max(1, len(self._numbers))

    def of_images(self, block: Block) -> Integers:
        """Return the unit of each image of a block, the first for one of no unit; remember them."""
        names = listed(block.columns["file_name"])
        units = np.zeros(len(names), np.int64)
        if names and not self._numbers and _data_hash(names[0]) is None:
            self._is_over = True
        if self._is_over:
            return units
        for row, name in enumerate(names):
            data_hash = _data_hash(name)
            if data_hash is not None:
                if data_hash not in self._numbers:
                    self._numbers[data_hash] = len(self._numbers)
                    self._titles.append(_title(block, row))
                units[row] = self._numbers[data_hash]
        later = np.flatnonzero(units)
        if later.size:
            self._image_ids.append(_numbers(block, "id")[later])
            self._units.append(units[later])
            self._sorted = None
        return units

    def of_labels(self, block: Block | CompiledBlock) -> Integers:
        """Return the unit of each label of a block: that of its image, the first if it has none."""
        if self._sorted is None:
            image_ids, units = np.concatenate(self._image_ids), np.concatenate(self._units)
            order = np.argsort(image_ids, kind="stable")
            self._sorted = image_ids[order], units[order]
        image_ids, units = self._sorted
        wanted = _image_ids(block)
        places = np.minimum(np.searchsorted(image_ids, wanted), len(image_ids) - 1)
        return np.where(image_ids[places] == wanted, units[places], 0)

    def values(self, unit: int, values: Mapping[str, Json]) -> dict[str, Json]:
        """Return the top-level values for the document of a unit: with the title that its images have.

        The object's own title is that of whichever unit comes first.
        """
        info = values.get("info")
        if not isinstance(info, dict):
            return dict(values)
        return {**values, "info": {**info, "description": self._titles[unit]}}


def split_data_units(events: Iterator[Event], known: DataUnits | None = None) -> Iterator[Event]:
    """Yield the events of one text, with an object of several data units as a document for each.

    The documents stay open to the end of the object. Their records keep their positions in the object.
    `known` are the units of the text, if it has been read for them. Otherwise raises UnknownUnitsError if
    labels come before images, or if the object turns out not to be Encord's.
    """
    start = next(events, None)
    if not isinstance(start, DocumentStart) or start.in_list:
        yield from () if start is None else (start,)
        yield from events
        return
    units = known or DataUnits()
    categories: list[Block] = []
    yield from (replace(start, position=unit) for unit in range(units.count))
    opened, has_labels, has_uuids = units.count, False, False
    for event in events:
        if isinstance(event, Block) and event.section is Section.IMAGES:
            numbers = units.of_images(event)
            if opened < units.count and has_labels:
                raise UnknownUnitsError
            yield from (replace(start, position=unit) for unit in range(opened, units.count))
            opened = units.count
            yield event if opened == 1 else replace(event, runs=_runs(numbers))
        elif isinstance(event, Block | CompiledBlock) and event.section is Section.ANNOTATIONS:
            has_labels = True
            has_uuids = has_uuids or (opened > 1 and _has_uuids(event))
            yield event if opened == 1 else _split_labels(event, units)
        elif isinstance(event, Block):
            categories.append(event)
            yield event
        elif isinstance(event, DocumentEnd):
            is_encord = has_uuids or is_encord_info(event.values.get("info"))
            if known is None and opened > 1 and not is_encord:
                raise UnknownUnitsError
            if opened > 1:
                yield from (_of_other_units(block, opened) for block in categories)
                for unit in range(opened):
                    yield replace(event, position=unit, values=units.values(unit, event.values))
            else:
                yield event
        else:
            yield event


def read_data_units(events: Iterator[Event]) -> DataUnits:
    """Read a text for its data units alone; those of an object that is not Encord's are none."""
    units, has_uuids, is_encord = DataUnits(), False, False
    for event in events:
        if isinstance(event, DocumentBlock) or (isinstance(event, DocumentStart) and event.in_list):
            break
        if isinstance(event, Block) and event.section is Section.IMAGES:
            units.of_images(event)
        elif isinstance(event, Block | CompiledBlock) and event.section is Section.ANNOTATIONS:
            has_uuids = has_uuids or _has_uuids(event)
        elif isinstance(event, DocumentEnd):
            is_encord = has_uuids or is_encord_info(event.values.get("info"))
    return units if is_encord else DataUnits.none()


def _of_other_units(categories: Block, count: int) -> Block:
    """Return a block of categories for the units after the first, which has it already."""
    [run] = categories.runs
    refused = [replace(record, document=1) for record in categories.refused]
    return replace(categories, runs=(Run(1, run.records),), also=range(2, count), refused=refused)


def _split_labels(block: Block | CompiledBlock, units: DataUnits) -> Block | CompiledBlock:
    runs = _runs(units.of_labels(block))
    if isinstance(block, Block) or block.others is None:
        return replace(block, runs=runs)
    others = replace(block.others, runs=_runs(units.of_labels(block.others)))
    return replace(block, runs=runs, others=others)


def _runs(units: Integers) -> Sequence[Run]:
    starts = np.flatnonzero(np.diff(units, prepend=-1))
    counts = np.diff(starts, append=len(units))
    return [Run(unit, count) for unit, count in zip(units[starts].tolist(), counts.tolist(), strict=True)]


def _data_hash(name: object) -> str | None:
    if not isinstance(name, str):
        return None
    data_hash = parse_file_name(file_name_without_secrets(name)).data_hash
    return data_hash if data_hash is not None and is_uuid(data_hash) else None


def _title(block: Block, row: int) -> str | None:
    for key in ("image_title", "video_title"):
        title = listed(block.columns[key])[row]
        if isinstance(title, str):
            return title
    return None


def _numbers(block: Block, key: str) -> Integers:
    """Return ids as columns have them; 0 where there is none."""
    column = block.columns[key]
    numbers, _ = ids(column, key, Problems())
    array: Integers = numbers.fill_null(0).to_numpy()
    return array


def _image_ids(labels: Block | CompiledBlock) -> Integers:
    if isinstance(labels, Block):
        return _numbers(labels, "image_id")
    ids_of_images: Integers = labels.labels.columns["image_id"].to_numpy()
    return ids_of_images


def _has_uuids(labels: Block | CompiledBlock) -> bool:
    """Return whether a label has the stable object hash that Encord alone writes."""
    if isinstance(labels, CompiledBlock):
        uuids = labels.labels.columns["encord_track_uuid"]
        is_one = uuids.null_count < len(uuids)
        return is_one or (labels.others is not None and _has_uuids(labels.others))
    attributes = labels.columns["attributes"]
    if isinstance(attributes, AttributeColumns):
        return any(isinstance(value, str) for value in attributes.own["encord_track_uuid"])
    return any(
        isinstance(value, dict) and isinstance(value.get("encord_track_uuid"), str)
        for value in listed(attributes)
    )
