"""Read the project's SQL files: one statement each."""

from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from labelhouse.sql_quoting import quote_identifier


@cache
def statement(name: str) -> str:
    """Return the one statement of a file below sql/internal/, such as `commit/remove_rows`.

    The folder is named after the room of this package; only that room's modules use it.
    """
    return _text(f"internal/{name}.sql")


def statement_on(table: str, name: str, **fragments: str) -> str:
    """Return an internal statement about a table that it is given: `{table}` in it, quoted here.

    `fragments` are SQL for the other names in braces.
    """
    return statement_with(name, table=quote_identifier(table), **fragments)


def statement_with(name: str, **fragments: str) -> str:
    """Return an internal statement with SQL for its names in braces; whole statements become subqueries."""
    sql = statement(name)
    for key, fragment in fragments.items():
        sql = sql.replace(f"{{{key}}}", fragment.rstrip().removesuffix(";"))
    return sql


@cache
def public_statement(name: str) -> str:
    """Return the one statement of a file below sql/ that users see too, such as `views/labels`."""
    return _text(f"{name}.sql")


@cache
def internal_list(name: str) -> frozenset[str]:
    """Return the names of a list below sql/internal/, in lower case: `sql_gate/allowed_functions`."""
    text = _text(f"internal/{name}.txt")
    return frozenset(line.lower() for line in text.splitlines() if not line.startswith("# "))


def public_names(folder: str, *, missing_ok: bool = False) -> list[str]:
    """List the statements of one folder below sql/, such as `views/labels`, in the order of their names."""
    place = sql_folder().joinpath(folder)
    if missing_ok and not place.is_dir():
        return []
    files = place.iterdir()
    return sorted(f"{folder}/{f.name[:-4]}" for f in files if f.name.endswith(".sql"))


def _text(path: str) -> str:
    return sql_folder().joinpath(*path.split("/")).read_text(encoding="utf-8")


def sql_folder() -> Traversable:
    """Return the folder sql/ with the project's statements."""
    # The wheel carries sql/ inside the package; a checkout has it at its root.
    shipped = resources.files("labelhouse").joinpath("sql")
    return shipped if shipped.is_dir() else Path(__file__).parents[3] / "sql"
