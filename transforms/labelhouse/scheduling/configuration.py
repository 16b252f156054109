"""Read what a scheduled run loads: a TOML file with one [[source]] table per set of exports."""

import os
import re
import tomllib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from labelhouse.defaults import PROJECT
from labelhouse.encord_api.listed_row import MAIN, Filters
from labelhouse.errors import UsageError
from labelhouse.querying.checks.waivers import Waiver, read_waivers, waivers_of
from labelhouse.reason_codes import ReasonCode
from labelhouse.sources.addresses import is_url
from labelhouse.sources.naming import DocumentNames
from labelhouse.texts.people import AUTHORS, KEEP, Authors
from labelhouse.texts.url_secrets import name_without_secrets

RETRY_MINUTES = (1.0, 5.0, 15.0)
"""A step that fails with an error that may pass is tried again after these times."""
WAREHOUSE_VARIABLE = "LABELHOUSE_WAREHOUSE"
_KEYS = ("warehouse", "source", "waivers", "waive", "retry_minutes", "quiet_nights", "publish_to")
_SOURCE_KEYS = (
    *("project", "path", "document", "newest", "mode", "may_be_empty", "quiet_nights", "authors", "encord"),
)
_ENCORD_KEYS = (
    *(
        "project",
        "encord",
        "stage",
        "status",
        "dataset",
        "title",
        "branch",
        "domain",
        "quiet_nights",
        "authors",
    ),
)
_VARIABLE = re.compile(r"\$(?:\$|([A-Za-z_][A-Za-z0-9_]*)|\{([^}]*)\}|)")


@dataclass(frozen=True, slots=True)
class EncordTable:
    """An Encord project whose label rows a table pulls: its UUID, which rows, and where its API is."""

    project: str
    filters: Filters = field(default_factory=Filters)
    domain: str | None = None


@dataclass(frozen=True, slots=True)
class SourceTable:
    """One [[source]] table: files, folders and globs (absolute) and URLs that go into a project.

    With `full` they are the whole project: documents that they lack are removed. With `may_be_empty`,
    folders and globs without files are not a failure. `documents` are names of documents, with `*` for what
    changes from night to night; with `newest`, of several files of one the newest is loaded. `authors` is
    what becomes of people who label. The verdict names a table that has brought nothing new for
    `quiet_nights` nights, unless that is None. A table with `encord` has no patterns.
    """

    project: str
    patterns: tuple[str, ...]
    full: bool
    may_be_empty: bool = False
    documents: tuple[str, ...] = ()
    newest: bool = False
    quiet_nights: int | None = None
    authors: Authors = KEEP
    encord: EncordTable | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """What the table loads, for people."""
        return self.patterns if self.encord is None else (f"encord:{self.encord.project}",)


@dataclass(frozen=True, slots=True)
class Configuration:
    """What to load, in this order, into which warehouse, and which findings of the checks are waived.

    `waivers` are None if the file says nothing about them. A step that fails with an error that may pass is
    tried again after each of `retry_minutes`. The published file goes to `publish_to`, too: to paths
    (absolute) and prefixes of buckets.
    """

    warehouse: Path
    sources: tuple[SourceTable, ...]
    waivers: tuple[Waiver, ...] | None = None
    retry_minutes: tuple[float, ...] = RETRY_MINUTES
    publish_to: tuple[str, ...] = ()


def read_configuration(path: str | os.PathLike[str]) -> Configuration:
    """Return the contents of the TOML file at `path`, its paths made absolute.

    Relative paths start from the file's folder; `~` and `$NAME` stand for what they do in a shell. Raises
    UsageError if the file cannot be read or breaks the form.
    """
    file = Path(path).absolute()
    values = _values(file)
    where = str(file)
    _refuse_unknown(values, _KEYS, where)
    tables = values.get("source")
    if not isinstance(tables, list) or not tables or not all(isinstance(t, dict) for t in tables):
        raise _wrong("it names no sources", where, 'add a [[source]] table with path = "FILE"')
    places = [f"{where}, [[source]] {number}" for number in range(1, len(tables) + 1)]
    quiet_nights = _nights(values, where, None)
    sources = tuple(_source(t, file.parent, p, quiet_nights) for t, p in zip(tables, places, strict=True))
    _refuse_half_projects(sources, places)
    return Configuration(
        _warehouse(values, file.parent, where),
        sources,
        _waivers(values, file.parent, where),
        _retry_minutes(values, where),
        tuple(_places(values, "publish_to", file.parent, where)) if "publish_to" in values else (),
    )


def _values(file: Path) -> dict[str, object]:
    try:
        # Editors on Windows begin a text with a byte-order mark.
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise _wrong(
            f"the configuration cannot be read ({error.strerror})",
            str(file),
            "give the path of a TOML file",
        ) from None
    except UnicodeDecodeError:
        raise _wrong("it is not UTF-8", str(file), "save it as UTF-8") from None
    except RecursionError:
        raise _wrong("it is nested too deeply", str(file), "mend that place") from None
    except tomllib.TOMLDecodeError as error:
        raise _wrong(f"it is not TOML: {error}", str(file), "mend that place") from None
    except ValueError:
        # The system does not accept a path with a NUL.
        where = str(file).replace("\0", "\\0")
        raise _wrong("the path holds a NUL", where, "give the path of a TOML file") from None


def _waivers(values: dict[str, object], base: Path, where: str) -> tuple[Waiver, ...] | None:
    """Return the waivers of the file itself and of the one that it names; None if there is neither."""
    if "waivers" not in values and "waive" not in values:
        return None
    own = waivers_of(values.get("waive", []), where)
    if "waivers" not in values:
        return tuple(own)
    path = base / _expanded(_text(values, "waivers", where), "waivers", where)
    return (*own, *read_waivers(path))


def _warehouse(values: dict[str, object], base: Path, where: str) -> Path:
    if "warehouse" in values:
        return base / _expanded(_text(values, "warehouse", where), "warehouse", where)
    if folder := os.environ.get(WAREHOUSE_VARIABLE):
        return Path(folder).absolute()
    return base / "warehouse"


def _retry_minutes(values: dict[str, object], where: str) -> tuple[float, ...]:
    value = values.get("retry_minutes", list(RETRY_MINUTES))
    minutes = [
        float(one)
        for one in (value if isinstance(value, list) else [None])
        if isinstance(one, int | float) and not isinstance(one, bool) and 0 <= one < float("inf")
    ]
    if not isinstance(value, list) or len(minutes) < len(value):
        raise _wrong(
            "retry_minutes is not a list of numbers",
            where,
            "write retry_minutes = [1, 5, 15], or [] for none",
        )
    return tuple(minutes)


def _nights(table: dict[str, object], where: str, default: int | None) -> int | None:
    value = table.get("quiet_nights", default)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 1):
        raise _wrong("quiet_nights is not a number of nights", where, "write quiet_nights = 7")
    return value


def _source(
    table: dict[str, object], base: Path, where: str, quiet_nights: int | None = None
) -> SourceTable:
    if "encord" in table:
        return _encord_source(table, where, quiet_nights)
    _refuse_unknown(table, _SOURCE_KEYS, where)
    mode = _text(table, "mode", where, default="merge")
    if mode not in ("merge", "full"):
        raise _wrong("mode is neither merge nor full", where, 'write mode = "merge" or "full"')
    newest = _flag(table, "newest", where)
    return SourceTable(
        project=_text(table, "project", where, default=PROJECT),
        patterns=tuple(_places(table, "path", base, where)),
        full=mode == "full",
        may_be_empty=_flag(table, "may_be_empty", where),
        documents=_documents(table, newest, where),
        newest=newest,
        quiet_nights=_nights(table, where, quiet_nights),
        authors=_authors(table, where),
    )


def _authors(table: dict[str, object], where: str) -> Authors:
    value = table.get("authors", KEEP)
    for known in AUTHORS:
        if value == known:
            return known
    raise _wrong("authors is neither keep, hash nor drop", where, 'write authors = "hash"')


def _encord_source(table: dict[str, object], where: str, quiet_nights: int | None) -> SourceTable:
    """Return a table that pulls the label rows of an Encord project."""
    _refuse_unknown(table, _ENCORD_KEYS, where)
    encord = _text(table, "encord", where)
    try:
        encord = str(UUID(encord))
    except ValueError:
        raise _wrong("encord is not the id of an Encord project", where, "give its UUID") from None
    branch = _text(table, "branch", where, default=MAIN)
    names = {
        key: tuple(_texts(table, key, where) if key in table else ())
        for key in ("stage", "status", "dataset", "title")
    }
    filters = Filters(
        names["stage"],
        names["status"],
        names["dataset"],
        names["title"],
        None if branch == "all" else branch,
    )
    domain = _text(table, "domain", where) if "domain" in table else None
    return SourceTable(
        project=_text(table, "project", where, default=PROJECT),
        patterns=(),
        full=False,
        quiet_nights=_nights(table, where, quiet_nights),
        authors=_authors(table, where),
        encord=EncordTable(encord, filters, domain),
    )


def _texts(table: dict[str, object], key: str, where: str) -> list[str]:
    value = table[key]
    names = value if isinstance(value, list) else [value]
    texts = [name for name in names if isinstance(name, str) and name]
    if not texts or len(texts) < len(names):
        raise _wrong(f"{key} is neither a string nor a list of strings", where, f'write {key} = "..."')
    return texts


def _places(table: dict[str, object], key: str, base: Path, where: str) -> list[str]:
    """Return the paths (absolute) and addresses that a key lists."""
    if key not in table:
        raise _wrong(f"{key} is missing", where, "name a file, a folder or a glob")
    value = table[key]
    places = value if isinstance(value, list) else [value]
    texts = [place for place in places if isinstance(place, str) and place]
    if not texts or len(texts) < len(places):
        raise _wrong(
            f"{key} is neither a string nor a list of strings", where, "name files, folders or globs"
        )
    texts = [_expanded(_without_nul(text, key, where), key, where) for text in texts]
    for text in texts:
        if is_url(text) and name_without_secrets(text) != text:
            # The message does not quote it, because it may be signed.
            raise _wrong(
                f"{key} is an address with a query or a password",
                where,
                "write it without; credentials come from the environment, as for the store's own tools",
            )
    return [text if is_url(text) else str(base / text) for text in texts]


def _flag(table: dict[str, object], key: str, where: str) -> bool:
    value = table.get(key, False)
    if not isinstance(value, bool):
        raise _wrong(f"{key} is neither true nor false", where, f"write {key} = true")
    return value


def _documents(table: dict[str, object], newest: bool, where: str) -> tuple[str, ...]:
    """Return the names that the table gives its documents. Raises UsageError."""
    value = table.get("document", [])
    names = value if isinstance(value, list) else [value]
    texts = [name for name in names if isinstance(name, str)]
    if len(texts) < len(names):
        raise _wrong("document is neither a string nor a list of strings", where, "write a name with a *")
    try:
        return DocumentNames.of(texts, newest=newest).patterns
    except UsageError as error:
        raise _wrong(error.what, where, error.remedy) from None


def _expanded(text: str, key: str, where: str) -> str:
    """Replace `~`, `$NAME` and `${NAME}` by their values, as a shell does; `$$` is a dollar."""

    def value(match: re.Match[str]) -> str:
        if match[0] == "$$":
            return "$"
        name = match[1] or match[2]
        if not name:
            raise _wrong(f"{key} has a $ without a name", where, "write $NAME, or $$ for a dollar")
        if not os.environ.get(name):
            raise _wrong(
                f"{key} names the variable {name!r}, which is not set",
                where,
                "set it, or write $$ for a dollar",
            )
        return os.environ[name]

    path = _VARIABLE.sub(value, text)
    if not text.startswith("~"):
        return path
    path = os.path.expanduser(path)  # noqa: PTH111  (Path would take the / from the end)
    if path.startswith("~"):
        raise _wrong(
            f"{key} begins with a home folder that is not known", where, "write ./~ for a file of that name"
        )
    return path


def _text(table: dict[str, object], key: str, where: str, default: str | None = None) -> str:
    value = table.get(key, default)
    if not isinstance(value, str) or not value:
        raise _wrong(f"{key} is not a string with text", where, f'write {key} = "..."')
    return _without_nul(value, key, where)


def _without_nul(text: str, key: str, where: str) -> str:
    if "\0" in text:
        raise _wrong(f"{key} holds a NUL", where, "take it out: neither files nor tables can hold one")
    return text


def _refuse_unknown(table: Collection[str], known: Sequence[str], where: str) -> None:
    for key in table:
        if key not in known:
            raise _wrong(f"{key!r} means nothing here", where, f"write one of {', '.join(known)}")


def _refuse_half_projects(sources: Sequence[SourceTable], places: Sequence[str]) -> None:
    """Refuse a full load of a project that another table loads too: each would undo the other."""
    for source, place in zip(sources, places, strict=True):
        pulls = sum(other.project == source.project and other.encord is not None for other in sources)
        if source.encord is not None and pulls > 1:
            raise _wrong(
                f"project {source.project!r} is pulled from two Encord projects",
                place,
                "give each a project of its own: a pull removes rows that are gone",
            )
        if source.full and sum(other.project == source.project for other in sources) > 1:
            raise _wrong(
                f"project {source.project!r} is loaded in full and has another [[source]]",
                place,
                "put all its paths into one table",
            )


def _wrong(what: str, where: str, remedy: str) -> UsageError:
    return UsageError(ReasonCode.USAGE, what, where=where, remedy=remedy)
