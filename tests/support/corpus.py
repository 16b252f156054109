"""Find the corpus of real and made-up exports; tests that need it skip, and say so, where it is absent."""

import os
import shutil
from pathlib import Path

import pytest

from tests.reference.independent import refusal_of

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ.get("LABELHOUSE_CORPUS") or ROOT.parent / "shared" / "corpus")
SOAK = bool(os.environ.get("LABELHOUSE_SOAK"))
"""Whether the long versions run: `make soak`."""
NOT_FOUND = f"corpus not found at {FOLDER}"

needs_corpus = pytest.mark.skipif(not FOLDER.is_dir(), reason=NOT_FOUND)


def corpus_file(name: str) -> Path:
    """Return the path of a file of the corpus; skip the test where there is no corpus."""
    if not FOLDER.is_dir():
        pytest.skip(NOT_FOUND)
    return FOLDER / name


def corpus_names(*folders: str) -> list[str]:
    """Return the .json files below the folders, as paths below the corpus; none without a corpus."""
    paths = (path for folder in folders for path in (FOLDER / folder).rglob("*.json"))
    return sorted(path.relative_to(FOLDER).as_posix() for path in paths if path.is_file())


def each_file(*folders: str) -> pytest.MarkDecorator:
    """Run a test once a file, as its argument `name`; once, skipped, without a corpus."""
    missing = pytest.param("", marks=pytest.mark.skip(reason=NOT_FOUND), id="corpus")
    return pytest.mark.parametrize("name", corpus_names(*folders) or [missing])


def loadable_copy(original: Path, folder: Path) -> Path:
    """Copy the .json files of a folder that are not refused as a whole: they load in one commit."""
    for path in original.rglob("*.json"):
        if path.is_file() and refusal_of(path) is None:
            copy = folder / path.relative_to(original)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
    return folder
