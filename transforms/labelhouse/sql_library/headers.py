"""Read the header of a SQL file: what it answers, its grain, its columns and parameters.

The header is the file's leading comment. docs/data-model.md, the comments in the catalog, the checks and
their tests derive from it:

    -- Boxes that lie outside their image. More sentences may follow.
    -- grain: label
    -- columns: project, document_id, outside_px (how far, pixels)
    -- parameters: tolerance (pixels)
    -- severity: error
    -- explanation: why it matters, and what to do.

Columns and parameters are a list of `name` and `name (meaning)`, or one `name: meaning` a line. A name
without a meaning has that of the first table of schema/warehouse_tables.py with such a column, or of
CHECK_COLUMNS; `those of TABLE` stands for all columns of a table. A parameter's meaning may end in a
default (see parameters.py).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from labelhouse.errors import UsageError
from labelhouse.reason_codes import ReasonCode
from labelhouse.schema.warehouse_tables import TABLES
from labelhouse.sql_library.statements import public_statement, statement

Severity = Literal["error", "warning", "info"]
Pairs = tuple[tuple[str, str], ...]

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
"""From worst to least."""
CHECK_COLUMNS = {
    "cause": "short words, the same for all rows of one cause; null: what the check finds",
    "severity": "error, warning or info; null: the check's",
    "labels": "how many labels the row stands for; null: one",
}
"""Columns that the result of a check may have, and what they mean."""
KEYS = (
    "grain",
    "columns",
    "parameters",
    "returns",
    "needs",
    "rows_of",
    "checks",
    "severity",
    "explanation",
)

_KEY = re.compile(rf"({'|'.join(KEYS)}):(?:\s|$)")
_LINE_ITEM = re.compile(r"([a-z_][a-z0-9_]*): ")
_ITEM = re.compile(r"([a-z_][a-z0-9_]*)(?: \((.*)\))?", re.DOTALL)
_THOSE = re.compile(r"those of ([a-z_]+)")


@dataclass(frozen=True, slots=True)
class Header:
    """What the leading comment of a SQL file says; texts that it lacks are empty."""

    name: str
    summary: str
    grain: str = ""
    columns: Pairs = ()
    """Names and meanings, in the order of the result."""
    parameters: Pairs = ()
    """Names, without `$`, and meanings."""
    returns: str = ""
    """What a scalar macro returns, with its unit."""
    needs: str = ""
    """What the warehouse must hold for the question to have an answer."""
    rows_of: str = ""
    """The check whose rows a question reads, as `check_rows`."""
    checks: str = ""
    """What always holds of the result."""
    severity: Severity | None = None
    """The severity of a check's rows; the worst of them, if the rows have a column of that name."""
    explanation: str = ""

    @property
    def question(self) -> str:
        """The first sentence: what the SQL answers, in one line."""
        return re.split(r"(?<=[.?])\s", self.summary, maxsplit=1)[0]

    @property
    def comment(self) -> str:
        """The whole header as one text for the catalog, which keeps no comments of a view's columns."""
        grain = f" One row per {self.grain}." if self.grain else ""
        columns = "".join(f"\n{name}: {meaning}" for name, meaning in self.columns)
        return f"{self.summary}{grain}{columns}"


@cache
def header(name: str) -> Header:
    """Return the header of a file below sql/ that users see, such as `views/labels`."""
    return parse_header(name.rpartition("/")[2], public_statement(name), f"sql/{name}.sql")


def internal_header(name: str) -> Header:
    """Return the header of a file below sql/internal/, such as `querying/rows_twice`."""
    return parse_header(name.rpartition("/")[2], statement(name), f"sql/internal/{name}.sql")


def parse_header(name: str, text: str, where: str) -> Header:
    """Parse the leading comment of a SQL file; raises UsageError, naming `where`, if it breaks the form."""
    lines = _comment_lines(text)
    if not lines:
        raise _bad(where, "the file does not begin with a comment", "say in it what the SQL answers")
    summary, sections = _sections(lines, where)
    if not summary:
        raise _bad(where, "the header does not say what the SQL answers", "begin it with a sentence")
    texts = {key: " ".join(part.strip() for part in parts).strip() for key, parts in sections.items()}
    return Header(
        name=name,
        summary=summary,
        grain=texts.get("grain", ""),
        columns=_pairs(sections.get("columns", []), "columns", where),
        parameters=_pairs(sections.get("parameters", []), "parameters", where),
        returns=texts.get("returns", ""),
        needs=texts.get("needs", ""),
        rows_of=texts.get("rows_of", ""),
        checks=texts.get("checks", ""),
        severity=_severity(texts.get("severity"), where),
        explanation=texts.get("explanation", ""),
    )


def _comment_lines(text: str) -> list[str]:
    """Return the lines of the leading comment, without `--` and one space."""
    lines = []
    for line in text.removeprefix("\ufeff").splitlines():
        if not line.startswith("--"):
            break
        lines.append(line[2:].removeprefix(" ").rstrip())
    return lines


def _sections(lines: list[str], where: str) -> tuple[str, dict[str, list[str]]]:
    """Split the lines into the summary and the lines of each key."""
    summary: list[str] = []
    sections: dict[str, list[str]] = {}
    current = summary
    for line in lines:
        if match := _KEY.match(line):
            key = match[1]
            if key in sections:
                raise _bad(where, f"the header has '{key}:' twice", "keep one of them")
            current = sections[key] = []
            line = line[match.end() :]
        if line.strip():
            current.append(line)
    return " ".join(line.strip() for line in summary), sections


def _severity(text: str | None, where: str) -> Severity | None:
    for severity in SEVERITIES:
        if text == severity:
            return severity
    if text is None:
        return None
    raise _bad(where, "severity is not error, warning or info", "write one of these words")


def _pairs(lines: list[str], key: str, where: str) -> Pairs:
    """Return the names and meanings of a section's lines."""
    is_line_form = len(lines) > 0 and _LINE_ITEM.match(lines[0].strip()) is not None
    items = _line_items(lines) if is_line_form else _list_items(" ".join(map(str.strip, lines)), key, where)
    pairs = [pair for item in items for pair in _described(item, where)]
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise _bad(where, f"{key} names {name} twice", "keep one of them")
    return tuple(pairs)


def _line_items(lines: list[str]) -> Iterator[tuple[str, str]]:
    name, meaning = "", ""
    for line in map(str.strip, lines):
        if match := _LINE_ITEM.match(line):
            if name:
                yield name, meaning
            name, meaning = match[1], line[match.end() :].strip()
        else:
            meaning = f"{meaning} {line}"
    if name:
        yield name, meaning


def _list_items(text: str, key: str, where: str) -> Iterator[tuple[str, str]]:
    for part in _split(text):
        if those := _THOSE.fullmatch(part):
            yield f"*{those[1]}", ""
        elif match := _ITEM.fullmatch(part):
            yield match[1], (match[2] or "").strip()
        else:
            raise _bad(
                where,
                f"{key} does not have the form",
                "write 'name (meaning), name' or 'name: meaning' a line",
            )


def _split(text: str) -> Iterator[str]:
    """Split at commas outside parentheses."""
    depth, start = 0, 0
    for index, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            yield text[start:index].strip()
            start = index + 1
    if rest := text[start:].strip():
        yield rest


def _described(item: tuple[str, str], where: str) -> Iterator[tuple[str, str]]:
    """Give a column without a meaning in the header the meaning that the schema has."""
    name, meaning = item
    if name.startswith("*"):
        columns = [table.columns for table in TABLES if table.name == name[1:]]
        if not columns:
            raise _bad(where, f"there is no table {name[1:]}", "name a table of docs/data-model.md")
        yield from ((column.name, column.comment) for column in columns[0])
    else:
        yield name, meaning or _schema_meanings().get(name, "")


@cache
def _schema_meanings() -> dict[str, str]:
    """Return the meaning of each column name, by the first table that has it, else of CHECK_COLUMNS."""
    return CHECK_COLUMNS | {
        column.name: column.comment for table in reversed(TABLES) for column in table.columns
    }


def _bad(where: str, what: str, remedy: str) -> UsageError:
    return UsageError(ReasonCode.USAGE, what, where=where, remedy=remedy)
