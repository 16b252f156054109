"""Collect what is wrong with the records of one block."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from labelhouse.coco.values import Json
from labelhouse.reason_codes import ReasonCode


class Problem(NamedTuple):
    """What is wrong with a value of a record: its key below the record, a code, and a message."""

    key: str
    code: ReasonCode
    message: str

    @property
    def text(self) -> str:
        """What is wrong, and with which key."""
        return f"{self.key}: {self.message}"


@dataclass(slots=True)
class Problems:
    """What the columns of one block report while they are converted.

    `bad` are rows that cannot be stored, each with its first reason. `issues` are the rows of values that
    are stored with an issue, by kind of issue. `kept` are values that no column can hold unchanged: they go
    to `extra`.
    """

    bad: dict[int, Problem] = field(default_factory=dict)
    issues: dict[Problem, list[int]] = field(default_factory=dict)
    kept: dict[int, dict[str, Json]] = field(default_factory=dict)

    def quarantine(self, row: int, key: str, code: ReasonCode, message: str) -> None:
        """Record that the row cannot be stored."""
        self.bad.setdefault(row, Problem(key, code, message))

    def add_issue(self, row: int, key: str, code: ReasonCode, message: str) -> None:
        """Record that the value is stored with an issue; a repeated issue counts once."""
        rows = self.issues.setdefault(Problem(key, code, message), [])
        if not rows or rows[-1] != row:
            rows.append(row)

    def add_issues(self, rows: Sequence[int], key: str, code: ReasonCode, message: str) -> None:
        """Record the same issue for several rows, in their order; none of them may have it yet."""
        if rows:
            self.issues.setdefault(Problem(key, code, message), []).extend(rows)

    def keep_in_extra(self, row: int, key: str, value: Json) -> None:
        """Put a value into `extra` unchanged, because its column cannot hold it."""
        self.kept.setdefault(row, {})[key] = value

    def kept_attributes(self, row: int) -> Mapping[str, Json]:
        """Return the values of `attributes` that go to `extra`; none if `attributes` is not an object."""
        attributes = self.kept.get(row, {}).get("attributes", {})
        return attributes if isinstance(attributes, dict) else {}

    def keep_attribute_in_extra(self, row: int, key: str, value: Json) -> None:
        """Put a value of `attributes` into `extra` unchanged, below `attributes`."""
        attributes = self.kept.setdefault(row, {}).setdefault("attributes", {})
        assert isinstance(attributes, dict)
        attributes[key] = value
