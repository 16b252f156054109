"""A warehouse that is copied while loads go on, by the commands of docs/backup.md, is whole."""

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from labelhouse import connect
from labelhouse.maintenance.verify import verify

from tests.support.exports import unit
from tests.support.loading import Loader
from tests.support.sets import rounds, slow

ROOT = Path(__file__).parents[2]
COPIES = rounds("WEEKS", 1, 1, 10)
LOADER = """
import sys
from pathlib import Path
from tests.support.exports import unit
from tests.support.loading import Loader

folder, inputs = map(Path, sys.argv[1:])
with Loader(folder, inputs) as loader:
    print("ready", flush=True)
    number = 1
    while not (inputs / "stop").exists():
        loader.load([unit(f"d{n}", labels=3, shift=number) for n in range(3)])
        number += 1
    print(number - 1, flush=True)
"""


def documented() -> str:
    page = (ROOT / "docs" / "backup.md").read_text()
    section = page.partition("## Copy a warehouse")[2]
    return section.partition("```bash\n")[2].partition("```")[0]


@slow
@pytest.mark.skipif(os.name != "posix", reason="the commands are those of a shell")
def test_a_copy_made_by_the_documented_commands_beside_loads_is_whole(tmp_path: Path) -> None:
    warehouse, inputs = tmp_path / "live", tmp_path / "inputs"
    inputs.mkdir()
    with Loader(warehouse, tmp_path) as loader:
        loader.load([unit(f"d{n}", labels=3) for n in range(3)])
    paths = {"PYTHONPATH": os.pathsep.join([str(ROOT / "transforms"), str(ROOT)])}
    process = subprocess.Popen(
        [sys.executable, "-c", LOADER, warehouse, inputs],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **paths},
    )
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "labelhouse").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m labelhouse "$@"\n')
    (tools / "labelhouse").chmod(0o755)
    seen: list[int] = []
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        for number in range(COPIES):
            copy = tmp_path / f"copy {number}"
            places = {
                "W": str(warehouse),
                "COPY": str(copy),
                "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
            }
            done = subprocess.run(
                ["bash", "-c", documented()],
                capture_output=True,
                text=True,
                timeout=300,
                env={**os.environ, **paths, **places},
            )
            assert done.returncode == 0, done.stdout + done.stderr
            assert done.stdout.splitlines()[-1].endswith("; 0 findings"), done.stdout
            with closing(connect(copy)) as connection:
                labels = connection.execute(
                    "select count(*), count(distinct bbox_x - annotation_id) from labels"
                ).fetchall()
                [(last,)] = connection.execute("select max(ingest_number) from ingests").fetchall()
            assert labels == [(9, 1)]
            seen.append(last)
            # The copy is a warehouse of its own.
            with Loader(copy, tmp_path) as loader:
                assert loader.load([unit("d0", labels=3, shift=0.5)])["ingest_number"] > last
            assert verify(copy).findings == []
    finally:
        (inputs / "stop").touch()
        [loads, _] = process.communicate(timeout=120)
    assert process.returncode == 0
    assert int(loads.split()[-1]) >= 1
    assert seen == sorted(seen)
    assert verify(warehouse).findings == []
