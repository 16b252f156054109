"""Find the corpus of real and made-up exports; tests that need it skip, and say so, where it is absent."""

import os
import shutil
from pathlib import Path

import pytest

from tests.reference.independent import refusal_of
from tests.support.corpus_sample import sampled
from tests.support.sets import IS_SHORT, SET

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ.get("LABELHOUSE_CORPUS") or ROOT.parent / "shared" / "corpus")
NOT_FOUND = f"corpus not found at {FOLDER}"

needs_corpus = pytest.mark.skipif(not FOLDER.is_dir(), reason=NOT_FOUND)


def corpus_file(name: str) -> Path:
    """Return the path of a file of the corpus; skip the test where there is no corpus."""
    if not FOLDER.is_dir():
        pytest.skip(NOT_FOUND)
    return FOLDER / name


def corpus_names(*folders: str, every: int = 1) -> list[str]:
    """Return the .json files below the folders, as paths below the corpus; none without a corpus.

    The short set has a sample of them. The full set has this sample, and of the others each `every`-th; the
    long versions have all.
    """
    paths = (path for folder in folders for path in (FOLDER / folder).rglob("*.json"))
    names = sorted(path.relative_to(FOLDER).as_posix() for path in paths if path.is_file())
    sample = sampled(names)
    if IS_SHORT:
        return sample
    return names if SET == "long" else sorted({*sample, *names[::every]})


def each_file(*folders: str, every: int = 1) -> pytest.MarkDecorator:
    """Run a test once a file, as its argument `name`; once, skipped, without a corpus.

    `every` is that of corpus_names.
    """
    missing = pytest.param("", marks=pytest.mark.skip(reason=NOT_FOUND), id="corpus")
    return pytest.mark.parametrize("name", corpus_names(*folders, every=every) or [missing])


def loadable_copy(name: str, folder: Path) -> Path:
    """Copy the .json files of a folder that are not refused as a whole: they load in one commit."""
    for below in corpus_names(name):
        path = FOLDER / below
        if refusal_of(path) is None:
            copy = folder / path.relative_to(FOLDER / name)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
    return folder
