"""Collect what is wrong with the records of one block."""

from dataclasses import dataclass, field

from labelhouse.codes import Code
from labelhouse.reader import Json


@dataclass(frozen=True, slots=True)
class Problem:
    """One record or value, by its row in the block, and what is wrong with it."""

    row: int
    key: str
    code: Code
    message: str


@dataclass(slots=True)
class Problems:
    """What the columns of one block report while they are converted.

    `bad` are rows that cannot be stored, each with its first reason; `doubts` are values that are
    stored all the same; `kept` are values that no column can hold as they came: they go to `extra`.
    """

    bad: dict[int, Problem] = field(default_factory=dict)
    doubts: list[Problem] = field(default_factory=list)
    kept: dict[int, dict[str, Json]] = field(default_factory=dict)

    def refuse(self, row: int, key: str, code: Code, message: str) -> None:
        """Say that the record cannot be stored."""
        self.bad.setdefault(row, Problem(row, key, code, f"{key}: {message}"))

    def doubt(self, row: int, key: str, code: Code, message: str) -> None:
        """Say that the value is stored but doubtful; the same said again counts once."""
        problem = Problem(row, key, code, f"{key}: {message}")
        if not self.doubts or self.doubts[-1] != problem:
            self.doubts.append(problem)

    def keep(self, row: int, key: str, value: Json) -> None:
        """Have a value put into `extra` as it came, because its column cannot say it."""
        self.kept.setdefault(row, {})[key] = value

    def keep_attribute(self, row: int, key: str, value: Json) -> None:
        """Have a value of `attributes` put into `extra` as it came, below `attributes`."""
        attributes = self.kept.setdefault(row, {}).setdefault("attributes", {})
        assert isinstance(attributes, dict)
        attributes[key] = value
