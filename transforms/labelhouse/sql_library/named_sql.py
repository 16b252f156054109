"""Find named SQL: the project's own below sql/, and a user's in a folder of the same form."""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from labelhouse.errors import UsageError
from labelhouse.reason_codes import ReasonCode
from labelhouse.sql_library.headers import Header, header, parse_header
from labelhouse.sql_library.parameters import parameters_of
from labelhouse.sql_library.statements import public_names, public_statement

SqlKind = Literal["checks", "queries"]

REQUIRED: dict[SqlKind, tuple[str, ...]] = {
    "checks": ("grain", "columns", "severity", "explanation"),
    "queries": ("grain", "columns"),
}
"""What the header must have besides the answer of the SQL and the meanings of columns and parameters."""

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_NO_CODE = re.compile(r"--[^\n]*|'(?:[^']|'')*'")
_PARAMETER = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)")


@dataclass(frozen=True, slots=True)
class SqlFile:
    """One named SELECT: its text, its parsed header, and its place for error messages."""

    name: str
    text: str
    header: Header
    where: str


def sql_files(kind: SqlKind, folder: Path | None = None) -> list[SqlFile]:
    """Return the project's SQL of a kind, and that of `folder`/`kind`, in the order of their names.

    A user's file replaces the project's file of the same name. Raises UsageError for a folder that is
    missing or holds SQL of no kind, and for a header that breaks the contract.
    """
    files = {
        file.name: file for file in (_shipped(kind, name) for name in public_names(kind, missing_ok=True))
    }
    if folder is not None:
        files |= {file.name: file for file in _users_files(kind, folder)}
    if kind == "queries":
        files = {name: _with_check(file, folder) for name, file in files.items()}
    return [files[name] for name in sorted(files)]


def named(files: Iterable[SqlFile], name: str, kind: Literal["check", "question"]) -> SqlFile:
    """Return the file of a name; raises UsageError, with the name that is nearest, if none has it."""
    by_name = {file.name: file for file in files}
    if name in by_name:
        return by_name[name]
    near = difflib.get_close_matches(name, by_name, n=1)
    lists = {"check": "labelhouse check", "question": "labelhouse ask"}[kind]
    raise UsageError(
        ReasonCode.USAGE,
        f"there is no {kind} {name if name.isprintable() else ascii(name)}",
        remedy=f"do you mean {near[0]}?" if near else f"'{lists}' lists them",
    )


def _with_check(file: SqlFile, folder: Path | None) -> SqlFile:
    """Return a question whose header has `rows_of: CHECK` with that check's rows as `check_rows`.

    So a question and a check of one name cannot differ. A user's check replaces the project's.
    """
    if not file.header.rows_of:
        return file
    name = file.header.rows_of
    users = None if folder is None else folder / "checks" / f"{name}.sql"
    if users is not None and _NAME.fullmatch(name) and users.is_file():
        check = users.read_text(encoding="utf-8-sig")
    elif f"checks/{name}" in public_names("checks", missing_ok=True):
        check = public_statement(f"checks/{name}")
    else:
        raise _broken(file, f"there is no check {name}", "name one after 'rows_of:'")
    return replace(file, text=with_rows(file.text, check))


def with_rows(text: str, check: str) -> str:
    r"""Return a SELECT that reads the rows of another as `check_rows`.

    >>> with_rows("-- What?\nselect a from check_rows;", "-- All.\nselect 1 as a;")
    '-- What?\nwith check_rows as (\n-- All.\nselect 1 as a\n)\n\nselect a from check_rows;'
    """
    lines = text.splitlines(keepends=True)
    start = next(n for n, line in enumerate(lines) if not line.startswith("--"))
    head, body = "".join(lines[:start]), "".join(lines[start:]).lstrip()
    rows = f"with check_rows as (\n{check.rstrip().removesuffix(';')}\n)"
    if body.lower().startswith("with "):
        return f"{head}{rows},\n\n{body[5:].lstrip()}"
    return f"{head}{rows}\n\n{body}"


def _shipped(kind: SqlKind, name: str) -> SqlFile:
    file = SqlFile(name.rpartition("/")[2], public_statement(name), header(name), f"sql/{name}.sql")
    return _kept_to_contract(kind, file)


def _users_files(kind: SqlKind, folder: Path) -> Iterable[SqlFile]:
    place = folder / kind
    if not place.is_dir() and not any((folder / other).is_dir() for other in REQUIRED):
        raise UsageError(
            ReasonCode.USAGE,
            f"there is no folder {kind} in it",
            where=str(folder),
            remedy="make one, or leave out --sql",
        )
    for path in sorted(place.glob("*.sql")):
        if not _NAME.fullmatch(path.stem):
            raise UsageError(
                ReasonCode.USAGE,
                "the file's name is not a name for SQL",
                where=str(path),
                remedy="use lower-case letters, digits and _ and begin with a letter",
            )
        try:
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(
                ReasonCode.USAGE,
                f"cannot be read ({type(error).__name__})",
                where=str(path),
                remedy="save it as UTF-8, readable for you",
            ) from None
        header = parse_header(path.stem, text, str(path))
        yield _kept_to_contract(kind, SqlFile(path.stem, text, header, str(path)))


def _kept_to_contract(kind: SqlKind, file: SqlFile) -> SqlFile:
    """Return the file if its header has everything that its kind needs; raises UsageError otherwise."""
    for key in REQUIRED[kind]:
        if not getattr(file.header, key):
            raise _broken(file, f"the header has no '{key}:'", "add it; CONTRIBUTING.md shows an example")
    for name, meaning in (*file.header.columns, *file.header.parameters):
        if not meaning:
            raise _broken(
                file, f"the header does not say what {name} means", f"write: {name} (its meaning)"
            )
    used = set(_PARAMETER.findall(_NO_CODE.sub("", file.text)))
    named = {name for name, _ in file.header.parameters}
    for name in sorted(used - named):
        raise _broken(file, f"the header does not name the parameter {name}", "add it to 'parameters:'")
    for name in sorted(named - used):
        raise _broken(file, f"the SQL has no ${name}", "remove it from 'parameters:'")
    if kind == "queries":
        parameters_of(file.header.parameters, file.text, file.where)
    return file


def kept_to_columns(file: SqlFile, columns: Iterable[str]) -> None:
    """Raise UsageError if the columns of the result are not those that the header names."""
    named, names = [name for name, _ in file.header.columns], list(columns)
    if named != names:
        raise _broken(
            file,
            f"the header names the columns {', '.join(named)}, the result has {', '.join(names)}",
            "make them agree",
        )


def _broken(file: SqlFile, what: str, remedy: str) -> UsageError:
    return UsageError(ReasonCode.USAGE, what, where=file.where, remedy=remedy)
