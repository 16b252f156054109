"""What a normalised block is: record batches by table, and the records and values with problems."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from labelhouse.codes import Code
from labelhouse.json_text import json_text
from labelhouse.normalise.problems import Problems
from labelhouse.reader import Block, Json, Section
from labelhouse.schema import VARCHAR, Table
from labelhouse.urls import without_secrets


@dataclass(frozen=True, slots=True)
class Finding:
    """A record in quarantine (with its text) or a doubtful value (without), by section and position.

    Without a section and position it is about the whole document.
    """

    section: Section | None
    position: int | None
    key: str
    code: Code
    message: str
    raw: str | None = None

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


def extra_column(block: Block, problems: Problems) -> pa.Array:
    """Return what no column holds, as JSON: unknown keys, and values that their column cannot say."""
    values: list[str | None] = [None if v is None else json_text(v) for v in block.extra]
    for row, kept in problems.kept.items():
        unknown: dict[str, Json] = block.extra[row] or {}
        values[row] = json_text({**unknown, **kept})
    return pa.array(values, VARCHAR)


def good_rows(block: Block, problems: Problems) -> pa.Array:
    """Return the mask of the records that can be stored."""
    mask = np.ones(len(block.positions), dtype=bool)
    mask[list(problems.bad)] = False
    return pa.array(mask)


def findings(block: Block, problems: Problems) -> tuple[list[Finding], list[Finding]]:
    """Return the block's quarantined records and its issues, each in the order of the records."""
    section = block.section
    quarantine = [
        Finding(section, r.position, "", r.code, r.message, raw_text(r.raw)) for r in block.refused
    ]
    for problem in problems.bad.values():
        position = block.positions[problem.row]
        raw = raw_text(block.raw[problem.row])
        quarantine.append(Finding(section, position, "", problem.code, problem.message, raw))
    issues = [
        Finding(section, block.positions[p.row], p.key, p.code, p.message)
        for p in problems.doubts
        if p.row not in problems.bad
    ]
    return sorted(quarantine, key=_place), sorted(issues, key=_place)


def raw_text(raw: bytes) -> str:
    """Return a record's JSON text with the secret parts of URLs left out."""
    return without_secrets(raw.decode("utf-8", errors="replace"))


def _place(finding: Finding) -> int:
    return -1 if finding.position is None else finding.position
