"""Collect what is wrong with the records of one block."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from labelhouse.coco.values import Json
from labelhouse.reason_codes import Code


class Problem(NamedTuple):
    """What is wrong with a value of a record: its key below the record, a code, and a message."""

    key: str
    code: Code
    message: str

    @property
    def text(self) -> str:
        """What is wrong, and with which key."""
        return f"{self.key}: {self.message}"


@dataclass(slots=True)
class Problems:
    """What the columns of one block report while they are converted.

    `bad` are rows that cannot be stored, each with its first reason; `issues` are the rows of values that
    are stored all the same, by what is doubtful about them; `kept` are values that no column can hold as
    they came: they go to `extra`.
    """

    bad: dict[int, Problem] = field(default_factory=dict)
    issues: dict[Problem, list[int]] = field(default_factory=dict)
    kept: dict[int, dict[str, Json]] = field(default_factory=dict)

    def quarantine(self, row: int, key: str, code: Code, message: str) -> None:
        """Say that the record cannot be stored."""
        self.bad.setdefault(row, Problem(key, code, message))

    def add_issue(self, row: int, key: str, code: Code, message: str) -> None:
        """Say that the value is stored but doubtful; the same said again counts once."""
        rows = self.issues.setdefault(Problem(key, code, message), [])
        if not rows or rows[-1] != row:
            rows.append(row)

    def add_issues(self, rows: Sequence[int], key: str, code: Code, message: str) -> None:
        """Say the same of several rows, in their order, of none of which it has been said."""
        if rows:
            self.issues.setdefault(Problem(key, code, message), []).extend(rows)

    def keep_in_extra(self, row: int, key: str, value: Json) -> None:
        """Have a value put into `extra` as it came, because its column cannot say it."""
        self.kept.setdefault(row, {})[key] = value

    def keep_attribute_in_extra(self, row: int, key: str, value: Json) -> None:
        """Have a value of `attributes` put into `extra` as it came, below `attributes`."""
        attributes = self.kept.setdefault(row, {}).setdefault("attributes", {})
        assert isinstance(attributes, dict)
        attributes[key] = value
