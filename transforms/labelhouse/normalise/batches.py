"""What a normalised block is: record batches by table, and the records and values with problems."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa

from labelhouse.arrow_types import VARCHAR
from labelhouse.codes import Code
from labelhouse.json_text import json_text, json_texts
from labelhouse.normalise.problems import Problems
from labelhouse.reader import Block, Json, Section
from labelhouse.schema import Table
from labelhouse.urls import without_secrets


@dataclass(frozen=True, slots=True)
class Finding:
    """A record in quarantine (with its text) or a doubtful value (without), by its place.

    `document` is the document's index in its text. Without a section and position it is about all of it.
    """

    document: int
    section: Section | None
    position: int | None
    key: str
    code: Code
    message: str
    raw: str | None = None

    def of(self, document: int) -> "Finding":
        """Return the same finding for another document."""
        return replace(self, document=document)

    @property
    def pointer(self) -> str:
        """JSON pointer within the document."""
        parts = (self.section, self.position, self.key or None)
        return "".join(f"/{part}" for part in parts if part is not None)


@dataclass(frozen=True, slots=True)
class Normalised:
    """One block as rows of the tables; every row of a batch is good."""

    tables: Mapping[Table, pa.RecordBatch]
    quarantine: Sequence[Finding] = field(default=())
    issues: Sequence[Finding] = field(default=())


def extra_column(block: Block, problems: Problems, without: frozenset[str] = frozenset()) -> pa.Array:
    """Return what no column holds, as JSON: unknown keys, and values that their column cannot say.

    Keys `without` are left out of it, of the record and of its attributes.
    """
    values: list[str | None] = [None] * len(block.extra)
    given = [(row, value) for row, value in enumerate(block.extra) if value is not None]
    for (row, _), text in zip(given, json_texts([value for _, value in given]), strict=True):
        values[row] = text
    for row, kept in problems.kept.items():
        unknown: dict[str, Json] = block.extra[row] or {}
        found = _without({**unknown, **kept}, without)
        values[row] = json_text(found) if found else None
    return pa.array(values, VARCHAR)


def _without(extra: dict[str, Json], keys: frozenset[str]) -> dict[str, Json]:
    if not keys:
        return extra
    found = {key: value for key, value in extra.items() if key not in keys}
    if isinstance(attributes := found.get("attributes"), dict):
        found["attributes"] = _without(attributes, keys)
        if not found["attributes"]:
            del found["attributes"]
    return found


def good_rows(block: Block, problems: Problems) -> pa.Array:
    """Return the mask of the records that can be stored."""
    mask = np.ones(len(block.positions), dtype=bool)
    mask[list(problems.bad)] = False
    return pa.array(mask)


def findings(block: Block, problems: Problems) -> tuple[list[Finding], list[Finding]]:
    """Return the block's quarantined records and its issues, each in the order of the records."""
    section = block.section
    documents = _documents(block)
    quarantine = [
        Finding(r.document, section, r.position, "", r.code, r.message, raw_text(r.raw))
        for r in block.refused
    ]
    for problem in problems.bad.values():
        position = block.positions[problem.row]
        raw = raw_text(block.raw[problem.row])
        document = documents[problem.row]
        quarantine.append(Finding(document, section, position, "", problem.code, problem.message, raw))
    issues = [
        Finding(documents[p.row], section, block.positions[p.row], p.key, p.code, p.message)
        for p in problems.doubts
        if p.row not in problems.bad
    ]
    return sorted(quarantine, key=_place), sorted(issues, key=_place)


def raw_text(raw: bytes) -> str:
    """Return a record's JSON text with the secret parts of URLs left out."""
    return without_secrets(raw.decode("utf-8", errors="replace"))


def _documents(block: Block) -> Sequence[int]:
    """Return the document of each record."""
    if len(block.runs) == 1:
        return [block.runs[0].document] * len(block.positions)
    return [run.document for run in block.runs for _ in range(run.records)]


def _place(finding: Finding) -> tuple[int, int]:
    return finding.document, -1 if finding.position is None else finding.position
