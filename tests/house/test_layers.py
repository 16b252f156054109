"""The layers of the package: import-linter keeps them, and breaks at the first import that goes up."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import labelhouse
import pytest

PACKAGE = Path(labelhouse.__file__).parent
ROOT = Path(__file__).parents[2]
MOST_MODULES = 16

VIOLATIONS = {
    "a lower room uses a higher one": (
        "readers/events.py",
        "import labelhouse.warehouse.warehouse",
        "A room uses only rooms below it BROKEN",
    ),
    "rooms beside each other": (
        "marts/rows.py",
        "import labelhouse.maintenance.findings",
        "A room uses only rooms below it BROKEN",
    ),
    "a room that no layer names": ("attic/__init__.py", '"""Things."""', "every child of every container"),
    "a parser with a database": (
        "normalise/numbers.py",
        "import duckdb",
        "What turns bytes into staged files knows no database and no warehouse BROKEN",
    ),
    "Prefect": ("cli/app.py", "import prefect.flows", "The package runs without Prefect BROKEN"),
    "a word that uses a room": (
        "reason_codes.py",
        "import labelhouse.texts.names",
        "A room uses only rooms below it BROKEN",
    ),
}


def linted(package: Path, config: Path) -> "subprocess.CompletedProcess[str]":
    command: list[str | Path] = [Path(sys.executable).with_name("lint-imports"), config, "--no-cache"]
    environment = {**os.environ, "PYTHONPATH": str(package.parent)}
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=package.parent)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(PACKAGE, tmp_path / "labelhouse", ignore=shutil.ignore_patterns("*.pyc")))


def test_the_layers_are_kept(copy: Path) -> None:
    done = linted(copy, ROOT / "pyproject.toml")
    assert "3 kept, 0 broken" in done.stdout, done.stdout
    assert done.returncode == 0


@pytest.mark.parametrize("kind", VIOLATIONS)
def test_a_violation_is_found(copy: Path, kind: str) -> None:
    name, line, message = VIOLATIONS[kind]
    (copy / name).parent.mkdir(exist_ok=True)
    with (copy / name).open("a", encoding="utf-8") as file:
        file.write(f"\n{line}\n")
    done = linted(copy, ROOT / "pyproject.toml")
    assert message in done.stdout, done.stdout
    assert done.returncode == 1


def test_no_room_is_crowded() -> None:
    crowded = {
        str(folder.relative_to(PACKAGE)): len(list(folder.glob("*.py")))
        for folder in [PACKAGE, *PACKAGE.rglob("*")]
        if folder.is_dir() and len(list(folder.glob("*.py"))) > MOST_MODULES
    }
    assert crowded == {}


def test_each_room_says_in_a_sentence_what_it_is() -> None:
    for path in PACKAGE.rglob("*/__init__.py"):
        [line] = path.read_text(encoding="utf-8").splitlines()
        assert line.startswith('"""'), path
        assert line.endswith('."""'), path
