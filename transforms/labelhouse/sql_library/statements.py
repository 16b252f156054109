"""Read the project's SQL files: one statement each."""

from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path


@cache
def statement(name: str) -> str:
    """Return the one statement of a file below sql/, such as `ingest/raise_fence`."""
    return sql_folder().joinpath(*f"{name}.sql".split("/")).read_text(encoding="utf-8")


@cache
def names(name: str) -> frozenset[str]:
    """Return the names in a list below sql/, such as `query/allowed_functions`, in lower case."""
    text = sql_folder().joinpath(*f"{name}.txt".split("/")).read_text(encoding="utf-8")
    return frozenset(line.lower() for line in text.splitlines() if not line.startswith("# "))


def statement_names(folder: str, *, missing_ok: bool = False) -> list[str]:
    """List the statements of one folder below sql/, in the order of their names."""
    place = sql_folder().joinpath(folder)
    if missing_ok and not place.is_dir():
        return []
    files = place.iterdir()
    return sorted(f"{folder}/{f.name[:-4]}" for f in files if f.name.endswith(".sql"))


def sql_folder() -> Traversable:
    """Return the folder sql/ with the project's statements."""
    # The wheel carries sql/ inside the package; a checkout has it at its root.
    shipped = resources.files("labelhouse").joinpath("sql")
    return shipped if shipped.is_dir() else Path(__file__).parents[3] / "sql"
