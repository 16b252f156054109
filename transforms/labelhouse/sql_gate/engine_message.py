"""DuckDB's message about SQL in a few tidy lines: what is wrong, what was probably meant, and the place."""

import re

from labelhouse.errors import QueryError
from labelhouse.reason_codes import ReasonCode
from labelhouse.texts.long_text import cut

_PLACE = re.compile(r"LINE \d+: ")
_SHOWN = 30
"""Characters of the SQL that are shown before and after the place."""
_NAMES = ("Binder Error", "Catalog Error")


def query_error(message: str) -> QueryError:
    r"""Return the error for a message of DuckDB; its candidates are the remedy.

    >>> error = query_error('Error: no "a"!\nCandidates: "b"\n\nLINE 1: select a\n               ^')
    >>> str(error)
    'Error: no "a"; Candidates: "b"'
    >>> error.place
    ('LINE 1: select a', '               ^')
    """
    lines = message.splitlines() or ["the statement failed"]
    at = next((place for place, line in enumerate(lines) if _PLACE.match(line)), len(lines))
    what, *rest = [line.strip() for line in lines[:at] if line.strip()] or lines[:1]
    error = QueryError(
        ReasonCode.QUERY_FAILED,
        what.removesuffix("!"),
        remedy=cut(_joined(rest)) if at < len(lines) and rest else _remedy(what),
    )
    error.place = tuple(lines[at : at + 2])
    return error


def syntax_error(message: str, sql: str, position: int | None) -> QueryError:
    """Return the error for the parser's message; `position` is that of the character where it stopped."""
    error = query_error(message)
    if position is None:
        return error
    before = sql[:position]
    number = before.count("\n") + 1
    start = before.rpartition("\n")[2][-_SHOWN:]
    line = start + sql[len(before) :].partition("\n")[0][:_SHOWN]
    head = f"LINE {number}: "
    error.place = (head + line, " " * (len(head) + len(start)) + "^")
    return error


def _joined(lines: list[str]) -> str:
    """Return lines as one; items of a list get commas."""
    text = lines[0]
    for line in lines[1:]:
        text += f" {line}" if text.endswith((":", ".", ",")) else f", {line}"
    return text


def _remedy(what: str) -> str:
    if what.startswith(_NAMES):
        return '\'labelhouse query "show tables"\' lists the tables, "describe labels" the columns of one'
    return "mend the SQL"
