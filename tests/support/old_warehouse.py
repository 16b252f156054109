"""The warehouse of schema version 2 that is kept as a file, and what its build answered."""

import json
import tarfile
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parents[1] / "fixtures" / "schema_2"


def unpack_old_warehouse(place: Path) -> Path:
    """Unpack the warehouse below `place`, and the exports that it loaded beside it; return its folder."""
    with tarfile.open(_FOLDER / "warehouse.tar.xz") as archive:
        archive.extractall(place, filter="data")
    return place / "warehouse"


def old_answers() -> dict[str, Any]:
    """Return what the build that made the warehouse answered."""
    answers: dict[str, Any] = json.loads((_FOLDER / "expected.json").read_text(encoding="utf-8"))
    return answers
