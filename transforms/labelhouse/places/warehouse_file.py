"""Read the TOML file that says where a shared warehouse lies; it holds no passwords and no keys."""

import hashlib
import os
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from labelhouse.errors import UsageError
from labelhouse.reason_codes import ReasonCode
from labelhouse.sources.addresses import is_url

SUFFIX = ".toml"
_KEYS = ("catalog", "data", "published", "workspace")
_SCHEMES = ("postgres", "postgresql")
_DATA = re.compile(r"s3://[a-z0-9][a-z0-9.-]*(?:/[A-Za-z0-9._=-]+)*/?", re.ASCII)
"""Characters that neither a glob nor SQL nor a URL reads as anything else."""
_SECRET = re.compile(r"passw|secret|access_key|token|credential", re.IGNORECASE)
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class CatalogAddress:
    """A PostgreSQL database; what is empty comes from libpq's environment and its files."""

    host: str
    port: int | None
    database: str
    user: str

    def parameters(self) -> dict[str, str | int]:
        """Return the parameters of a connection that are given, named as libpq names them."""
        every = {"host": self.host, "port": self.port, "dbname": self.database, "user": self.user}
        return {name: value for name, value in every.items() if value}


@dataclass(frozen=True, slots=True)
class WarehouseFile:
    """What the file says: the catalog's database, the data's prefix, the workspace of this machine.

    `data` ends with a slash. Several warehouses may name one workspace: each has a folder of its own in it.
    """

    catalog: CatalogAddress
    data: str
    published: str | None
    workspace: Path


def is_warehouse_file(path: Path) -> bool:
    """Return whether a path is to be a file that describes a warehouse, not a folder with one.

    >>> is_warehouse_file(Path("team.toml")), is_warehouse_file(Path("warehouse"))
    (True, False)
    """
    return path.suffix == SUFFIX and not path.is_dir()


def read_warehouse_file(path: Path) -> WarehouseFile:
    """Read a file; raises UsageError, which never shows a value, if it is not of this form."""
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise _wrong(path, "there is no such file", "write it as docs/team.md shows") from None
    except OSError as error:
        raise _wrong(path, f"cannot be read ({error.strerror or 'I/O error'})", "mend it") from None
    except UnicodeDecodeError:
        raise _wrong(path, "is not UTF-8", "save it as UTF-8") from None
    except tomllib.TOMLDecodeError:
        # The parser quotes the text, which may hold a password.
        raise _wrong(path, "is not TOML", "write it as docs/team.md shows") from None
    table = values.get("warehouse")
    if not isinstance(table, dict):
        raise _wrong(path, "has no table [warehouse]", "write it as docs/team.md shows")
    if unknown := next((key for key in (*values, *table) if key not in ("warehouse", *_KEYS)), None):
        if _SECRET.search(unknown):
            raise _secret(path)
        raise _wrong(path, f"has an unknown key {unknown[:_SHOWN]!r}", f"known are {', '.join(_KEYS)}")
    for key, value in table.items():
        if not isinstance(value, str) or not value:
            raise _wrong(path, f"{key} is not a text", "write it in quotes")
    for key in ("catalog", "data"):
        if key not in table:
            raise _wrong(path, f"has no {key}", "write it as docs/team.md shows")
    catalog = _catalog(path, table["catalog"])
    data = _data(path, table["data"])
    published = table.get("published")
    if published is not None and not is_url(published):
        published = str(path.absolute().parent / Path(published).expanduser())
    return WarehouseFile(catalog, data, published, _workspace(path, table, catalog, data))


def _catalog(path: Path, url: str) -> CatalogAddress:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _wrong(path, "catalog is not an address", "write postgres://HOST/DATABASE") from None
    if parts.password is not None or _SECRET.search(parts.query):
        raise _secret(path)
    database = unquote(parts.path.removeprefix("/"))
    if parts.scheme not in _SCHEMES or not database or "/" in database:
        raise _wrong(path, "catalog is not an address", "write postgres://HOST/DATABASE")
    if parts.query or parts.fragment:
        raise _wrong(path, "catalog has options", "set libpq's variables, such as PGSSLMODE")
    return CatalogAddress(host, port, database, unquote(parts.username or ""))


def _data(path: Path, url: str) -> str:
    if "@" in url or _SECRET.search(url.partition("?")[2]):
        raise _secret(path)
    if not _DATA.fullmatch(url) or ".." in url:
        raise _wrong(path, "data is not a prefix of a bucket", "write s3://BUCKET/PREFIX/, without blanks")
    return url.rstrip("/") + "/"


def _workspace(path: Path, table: dict[str, str], catalog: CatalogAddress, data: str) -> Path:
    """Return this warehouse's folder in the workspace."""
    name = hashlib.sha256(repr((catalog.host, catalog.port, catalog.database, data)).encode())
    folder = table.get("workspace")
    if folder is None:
        cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        return Path(cache) / "labelhouse" / name.hexdigest()[:12]
    return path.absolute().parent / Path(folder).expanduser() / name.hexdigest()[:12]


def _secret(path: Path) -> UsageError:
    return _wrong(
        path,
        "a file that describes a warehouse holds no secrets",
        "take it out; libpq reads PGPASSWORD, PGPASSFILE and PGSERVICE, the store the AWS environment",
    )


def _wrong(path: Path, what: str, remedy: str) -> UsageError:
    return UsageError(ReasonCode.USAGE, what, where=str(path), remedy=remedy)
