"""Waivers: findings that a team has decided to leave, in a TOML file with a [[waive]] table for each."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa

from labelhouse.errors import UsageError
from labelhouse.printable import printable
from labelhouse.reason_codes import ReasonCode
from labelhouse.texts.long_text import cut

KEYS = ("check", "project", "document", "image", "label", "class", "cause", "reason", "until")
_PLACES = ("project", "document", "image", "label", "class", "cause")
WAIVERS = pa.schema(
    [
        ("waiver", pa.int64()),
        ("check_name", pa.string()),
        *((name, pa.string()) for name in _PLACES),
        ("reason", pa.string()),
        ("is_expired", pa.bool_()),
    ]
)


@dataclass(frozen=True, slots=True)
class Waiver:
    """One [[waive]] table: which findings of a check are left, why, and until which day (UTC)."""

    check: str
    reason: str
    places: Mapping[str, str]
    """Project and document, which may have *, image, label, class and cause: those that the table has."""
    until: date | None
    where: str
    """The file and the number of the table, for messages."""

    def is_expired(self, today: date) -> bool:
        """Return whether its last day has passed."""
        return self.until is not None and self.until < today

    def concerns(self, project: str | None) -> bool:
        """Return whether a check of this project alone says anything about the waiver."""
        named = self.places.get("project")
        return project is None or named is None or "*" in named or named == project


def read_waivers(path: Path) -> list[Waiver]:
    """Return the waivers of a TOML file; raises UsageError, in one line, if it breaks the form."""
    where = str(path).replace("\0", "\\0")
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise _wrong(f"the waivers cannot be read ({error.strerror})", where, "give a TOML file") from None
    except UnicodeDecodeError:
        raise _wrong("it is not UTF-8", where, "save it as UTF-8") from None
    except RecursionError:
        raise _wrong("it is nested too deeply", where, "mend that place") from None
    except tomllib.TOMLDecodeError as error:
        raise _wrong(f"it is not TOML: {error}", where, "mend that place") from None
    except ValueError:
        raise _wrong("the path holds a NUL", where, "give a TOML file") from None
    for key in values:
        if key != "waive":
            raise _wrong(f"{key!r} means nothing here", where, "write [[waive]] tables")
    return waivers_of(values.get("waive", []), where)


def waivers_of(tables: object, where: str) -> list[Waiver]:
    """Return the waivers of [[waive]] tables; raises UsageError, in one line, if they break the form."""
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise _wrong("waive is not a list of tables", where, "write [[waive]]")
    return [_waiver(table, f"{where}, [[waive]] {number}") for number, table in enumerate(tables, 1)]


def _waiver(table: Mapping[str, object], where: str) -> Waiver:
    for key in table:
        if key not in KEYS:
            raise _wrong(f"{key!r} means nothing here", where, f"write one of {', '.join(KEYS)}")
    texts = {key: _text(table, key, where) for key in table if key != "until"}
    for key in ("check", "reason"):
        if key not in texts:
            raise _wrong(f"{key} is missing", where, f'add {key} = "..."')
    return Waiver(
        check=texts["check"],
        reason=texts["reason"],
        places={key: texts[key] for key in _PLACES if key in texts},
        until=_day(table["until"], where) if "until" in table else None,
        where=where,
    )


def _text(table: Mapping[str, object], key: str, where: str) -> str:
    value = table[key]
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise _wrong(f"{key} is not a string with text", where, f'write {key} = "..."')
    return value


def _day(value: object, where: str) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value) if isinstance(value, str) else _no_day(where)
    except ValueError:
        return _no_day(where)


def _no_day(where: str) -> date:
    raise _wrong("until is not a day", where, "write until = 2026-12-31")


def waiver_table(waivers: Sequence[Waiver], today: date | None = None) -> pa.Table:
    """Return the waivers as rows, numbered from 0."""
    day = today or datetime.now(UTC).date()
    rows = [
        {
            "waiver": number,
            "check_name": waiver.check,
            **{name: waiver.places.get(name) for name in _PLACES},
            "reason": waiver.reason,
            "is_expired": waiver.is_expired(day),
        }
        for number, waiver in enumerate(waivers)
    ]
    return pa.Table.from_pylist(rows, schema=WAIVERS)


def waiver_notes(
    waivers: Sequence[Waiver],
    used: Iterable[int],
    *,
    project: str | None,
    complete: Iterable[str],
    today: date | None = None,
) -> list[str]:
    """Return a line for each waiver that has expired or holds for nothing.

    `used` are the numbers of those that hold for rows. `complete` are the checks that ran to their end; of
    others nothing is known. With a `project` the waivers of other projects are not judged.
    """
    day = today or datetime.now(UTC).date()
    numbers, names = set(used), set(complete)
    notes = []
    for number, waiver in enumerate(waivers):
        what = f"{waiver.where} ({printable(cut(waiver.check))})"
        if waiver.is_expired(day):
            notes.append(f"{what}: the waiver expired after {waiver.until}; remove it, or renew it")
        elif number not in numbers and waiver.check in names and waiver.concerns(project):
            notes.append(f"{what}: the waiver holds for nothing; remove it, or correct it")
    return notes


def unknown_checks(waivers: Sequence[Waiver], known: Iterable[str]) -> list[str]:
    """Return a line for each waiver of a check that there is not."""
    names = set(known)
    return [
        f"{waiver.where}: there is no check {printable(cut(waiver.check))}; 'labelhouse check' lists them"
        for waiver in waivers
        if waiver.check not in names
    ]


def _wrong(what: str, where: str, remedy: str) -> UsageError:
    return UsageError(ReasonCode.USAGE, what, where=where, remedy=remedy)
