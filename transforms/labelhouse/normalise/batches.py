"""What a normalised block is: record batches by table, and the records and values with problems."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np
import pyarrow as pa

from labelhouse.coco.json_text import json_text, json_texts
from labelhouse.coco.sections import Section
from labelhouse.coco.values import Json
from labelhouse.compiled.annotations import Integers
from labelhouse.normalise.problems import Problem, Problems
from labelhouse.readers.events import Block
from labelhouse.reason_codes import ReasonCode
from labelhouse.schema.arrow_types import VARCHAR
from labelhouse.schema.warehouse_tables import Table
from labelhouse.texts.json_secrets import json_without_secrets


@dataclass(frozen=True, slots=True)
class RecordIssue:
    """An issue of a record, with its place; a record in quarantine comes with its text.

    `document` is the document's index in its text. An issue without a section and position is about the
    whole document.
    """

    document: int
    section: Section | None
    position: int | None
    key: str
    code: ReasonCode
    message: str
    raw: str | None = None
    place: str | None = None
    """JSON pointer of the record in its document, if the section and position do not say it."""

    def of(self, document: int) -> "RecordIssue":
        """Return the same issue for another document."""
        return replace(self, document=document)

    @property
    def pointer(self) -> str:
        """JSON pointer within the document."""
        if self.place is not None:
            return f"{self.place}/{self.key}" if self.key else self.place
        parts = (self.section, self.position, self.key or None)
        return "".join(f"/{part}" for part in parts if part is not None)


@dataclass(frozen=True, slots=True)
class Issues:
    """Values with an issue in records of one section, in the order of the records.

    `documents` has the index of each record's document in its text, and `positions` the record's place in
    the section. `problems` has the issue, as an index of `kinds`. `places` are the JSON pointers of the
    records in their documents, where section and position do not say them.
    """

    section: Section
    documents: Integers
    positions: Integers
    problems: Integers
    kinds: Sequence[Problem]
    places: Sequence[str] | None = None

    def of(self, document: int) -> "Issues":
        """Return the same issues about another document."""
        return replace(self, documents=np.full_like(self.documents, document))


@dataclass(frozen=True, slots=True)
class Normalised:
    """One block as rows of the tables; every row of a batch is good."""

    tables: Mapping[Table, pa.RecordBatch]
    quarantine: Sequence[RecordIssue]
    issues: Issues


def extra_column(block: Block, problems: Problems) -> pa.Array:
    """Return what no column holds, as JSON: unknown keys, and values that their column cannot hold."""
    extras = {row: value for row, value in enumerate(block.extra) if value is not None}
    extras |= {row: {**(block.extra[row] or {}), **kept} for row, kept in problems.kept.items()}
    values: list[str | None] = [None] * len(block.extra)
    for row, text in zip(extras, json_texts(list(extras.values())), strict=True):
        values[row] = text
    return pa.array(values, VARCHAR)


def extra_without(keys: Set[str], extra: pa.Array, block: Block, problems: Problems) -> pa.Array:
    """Return the column without the given keys of kept values, both of records and of their attributes."""
    changed: dict[int, str | None] = {}
    for row, kept in problems.kept.items():
        unknown = block.extra[row] or {}
        if keys.isdisjoint(kept) and keys.isdisjoint(unknown) and "attributes" not in kept:
            continue
        rest = _without({**unknown, **kept}, keys)
        changed[row] = json_text(rest) if rest else None
    if not changed:
        return extra
    values = extra.to_pylist()
    for row, text in changed.items():
        values[row] = text
    return pa.array(values, VARCHAR)


def _without(extra: dict[str, Json], keys: Set[str]) -> dict[str, Json]:
    rest = {key: value for key, value in extra.items() if key not in keys}
    if isinstance(attributes := rest.get("attributes"), dict):
        rest["attributes"] = _without(attributes, keys)
        if not rest["attributes"]:
            del rest["attributes"]
    return rest


def good_rows(block: Block, problems: Problems) -> pa.Array:
    """Return the mask of the records that can be stored."""
    mask = np.ones(len(block.positions), dtype=bool)
    mask[list(problems.bad)] = False
    return pa.array(mask)


def record_issues(block: Block, problems: Problems) -> tuple[list[RecordIssue], Issues]:
    """Return the block's quarantined records and its issues, both in the order of the records."""
    section = block.section
    runs = [(run.document, run.records) for run in block.runs]
    documents = np.repeat(*np.array(runs, np.int64).reshape(-1, 2).T)
    quarantine = [
        RecordIssue(r.document, section, r.position, "", r.code, r.message, raw_text(r.raw), r.place)
        for r in block.refused
    ]
    for row, problem in problems.bad.items():
        document, position, raw = int(documents[row]), block.positions[row], raw_text(block.raw[row])
        place = block.places[row] if block.places else None
        quarantine.append(
            RecordIssue(document, section, position, "", problem.code, problem.text, raw, place)
        )
    return sorted(quarantine, key=_place), _issues(block, documents, problems)


def _issues(block: Block, documents: Integers, problems: Problems) -> Issues:
    kinds = sorted(problems.issues)
    rows = np.array(list(chain.from_iterable(problems.issues[kind] for kind in kinds)), np.int64)
    kind_indices = np.repeat(np.arange(len(kinds)), [len(problems.issues[kind]) for kind in kinds])
    # The issues of one record come in the order of their keys, however the text was cut into blocks.
    order = np.argsort(rows, kind="stable")
    rows, kind_indices = rows[order], kind_indices[order]
    if problems.bad:
        good = ~np.isin(rows, list(problems.bad))
        rows, kind_indices = rows[good], kind_indices[good]
    positions = np.array(block.positions, np.int64)[rows]
    places = None if block.places is None else [block.places[row] for row in rows.tolist()]
    return Issues(block.section, documents[rows], positions, kind_indices, kinds, places)


def raw_text(raw: bytes) -> str:
    """Return a record's JSON text with the secret parts of URLs left out."""
    return json_without_secrets(raw.decode("utf-8", errors="replace"))


def _place(issue: RecordIssue) -> tuple[int, int]:
    return issue.document, -1 if issue.position is None else issue.position
