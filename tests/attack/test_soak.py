"""Four ingesters, maintenance, marts and publishing beside readers of every kind: nobody sees a torn state.

LABELHOUSE_SOAK_SECONDS says for how long; `make soak-readers` runs it for ten minutes.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import labelhouse
from labelhouse.ingestion.run import IngestOptions
from labelhouse.maintenance.verify import verify
from labelhouse.publishing.publish import publish

from tests.support.ingesting import ingest
from tests.support.sets import slow
from tests.support.soak_processes import LOADERS, PROJECTS, QUICK, READERS, STOP, WRITERS, night

SECONDS = float(os.environ.get("LABELHOUSE_SOAK_SECONDS", "10"))
EXPORTS = int(os.environ.get("LABELHOUSE_SOAK_EXPORTS", "4"))
LEAST_READS_PER_SECOND = 0.5
"""Far fewer than come: a soak that reads nothing shows nothing."""
CONTENT = """
    select
        project, document_id, image_key, label_id, annotation_id, category_name, bbox_x, bbox_y
    from labels order by all
"""


def first_nights(folder: Path, place: Path) -> None:
    place.mkdir()
    for project in PROJECTS:
        load(folder, place, project, 0)
    # The writers come to publishing late, and a reader of the file would wait for them.
    publish(folder)


def load(folder: Path, place: Path, project: str, number: int) -> str:
    source = place / f"{project}.json"
    source.write_text(json.dumps(night(project, number)))
    [report] = ingest(folder, [str(source)], IngestOptions(project=project, jobs=1))
    return report.status


def started(folder: Path, place: Path, seconds: float, *names: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.support.soak_processes", str(folder), str(place), str(seconds)]
    return subprocess.Popen([*command, *names], stdout=subprocess.PIPE, text=True)


def ended(*processes: subprocess.Popen[str]) -> dict[str, int]:
    """Return how often each did what it does; none may have seen anything wrong."""
    lines = [json.loads(line) for process in processes for line in process.communicate()[0].splitlines()]
    print(*(f"{line['name']}: {line['done']}" for line in lines), sep="\n")
    assert [line["error"] for line in lines if line["error"]] == []
    return {line["name"]: line["done"] for line in lines}


@slow
def test_nobody_sees_a_torn_state_beside_four_ingesters(tmp_path: Path) -> None:
    folder, place = tmp_path / "warehouse", tmp_path / "place"
    first_nights(folder, place)
    # Verify takes as long as a hundred selects: it is in turn with what takes long as well.
    quick = [name for name in READERS if name in QUICK]
    slow = [name for name in READERS if name not in QUICK and name != "verify"]
    together = [*([name] for name in LOADERS), [*WRITERS, "verify"], quick, slow]
    done = ended(*[started(folder, place, SECONDS, *names) for names in together])
    assert done.keys() == {*LOADERS, *WRITERS, *READERS}
    assert sum(done[name] for name in READERS) >= LEAST_READS_PER_SECOND * SECONDS
    assert all(done[name] for name in LOADERS)

    # The end is that of a sequential load of each project's last night.
    other = tmp_path / "sequential"
    for project in PROJECTS:
        number = int((place / f"{project}.night").read_text())
        assert load(other, place, project, number) == "committed"
        assert load(folder, place, project, number) == "unchanged"
    with labelhouse.connect(folder) as soaked, labelhouse.connect(other) as sequential:
        assert soaked.execute(CONTENT).fetchall() == sequential.execute(CONTENT).fetchall()
    publish(folder)
    assert verify(folder).findings == []


@slow
def test_exports_beside_ingests_are_whole(tmp_path: Path) -> None:
    folder, place = tmp_path / "warehouse", tmp_path / "place"
    first_nights(folder, place)
    loader = started(folder, place, 3600, "load one", "load two", "load three", "load four")
    work = READERS["export"](folder, tmp_path)
    try:
        for _ in range(EXPORTS):
            next(work)
    finally:
        (place / STOP).touch()
        done = ended(loader)
    assert sum(done.values()) >= EXPORTS // 100
