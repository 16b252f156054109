"""What the soak runs beside each other: functions that processes call again and again.

Every project has DOCUMENTS documents of LABELS labels. A night moves all boxes of a project by the same, so
in each committed state all labels of a project say one number, and their counts are known.
"""

import json
import random
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count, islice
from pathlib import Path

import duckdb
import labelhouse
from labelhouse.errors import WarehouseBusyError
from labelhouse.exporting.run import ExportOptions, export
from labelhouse.exporting.sink import export_file
from labelhouse.ingestion.run import IngestOptions, IngestSession
from labelhouse.maintenance.maintain import MaintainOptions, maintain
from labelhouse.maintenance.verify import verify
from labelhouse.marts.refresh import refresh_marts
from labelhouse.publishing.publish import publish
from labelhouse.querying.ask import ask, question
from labelhouse.querying.changes import changes
from labelhouse.querying.query import query
from labelhouse.querying.status import status

from tests.support.exports import unit

DOCUMENTS = 12
LABELS = 4
PROJECTS = ("one", "two", "three", "four")
STATE = """
    select
        project, count(distinct document_id), count(distinct document_key), count(*),
        max(bbox_x - annotation_id) - min(bbox_x - annotation_id)
    from labels group by project
"""
STOP = "stop"
LOADS = 5
"""Of each session."""
SELECTS = 6
"""Of each connection, so that what is counted is reading more than opening."""


def night(project: str, number: int) -> list[dict[str, object]]:
    """Return the export of a project in a night."""
    return [
        unit(f"{project}-{index:02d}", labels=LABELS, shift=float(number)) for index in range(DOCUMENTS)
    ]


def _whole(rows: list[tuple[object, ...]]) -> None:
    for row in rows:
        assert row[1:] == (DOCUMENTS, DOCUMENTS, DOCUMENTS * LABELS, 0.0), row


def load(folder: Path, place: Path, project: str) -> Iterator[None]:
    """Load a project's nights, and write down the last that was committed."""
    source = place / f"{project}.json"
    numbers = count(1)
    while True:
        # As a scheduled night: several loads share an open warehouse.
        with IngestSession(folder) as session:
            for number in islice(numbers, LOADS):
                source.write_text(json.dumps(night(project, number)), encoding="utf-8")
                [report] = session.ingest([str(source)], IngestOptions(project=project, jobs=1))
                assert report.status == "committed", report.error
                (place / f"{project}.night").write_text(str(number))
                yield


def maintain_(folder: Path, _: Path) -> Iterator[None]:
    """Merge, forget all but the last minute, remove what nobody needs."""
    while True:
        maintain(folder, MaintainOptions(keep_days=0, grace_hours=1 / 60))
        yield


def refresh(folder: Path, _: Path) -> Iterator[None]:
    """Bring the marts up to date."""
    while True:
        refresh_marts(folder)
        yield


def publish_(folder: Path, _: Path) -> Iterator[None]:
    """Bring the published file up to date."""
    while True:
        try:
            publish(folder)
        except WarehouseBusyError as error:
            # Said when ingests commit faster than the marts can follow: nothing is published then.
            if "faster than the marts" not in str(error):
                raise
        yield


def single_select(folder: Path, _: Path) -> Iterator[None]:
    """One select on a connection of its own."""
    while True:
        with closing(labelhouse.connect(folder)) as connection:
            for _select in range(SELECTS):
                _whole(connection.execute(STATE).fetchall())
                yield


def transaction(folder: Path, _: Path) -> Iterator[None]:
    """A transaction that says the same from its first statement to its last."""
    while True:
        with closing(labelhouse.connect(folder)) as connection:
            connection.begin()
            first = connection.execute(f"{STATE} order by all").fetchall()
            _whole(first)
            shifts = connection.execute(
                "select distinct project, bbox_x - annotation_id from labels"
            ).fetchall()
            assert len(shifts) == len(first)
            for _again in range(4):
                time.sleep(0.1)
                assert connection.execute(f"{STATE} order by all").fetchall() == first
                again = "select distinct project, bbox_x - annotation_id from labels"
                assert sorted(connection.execute(again).fetchall()) == sorted(shifts)
                yield


def query_(folder: Path, _: Path) -> Iterator[None]:
    """`labelhouse query`, now and as of an earlier ingest."""
    while True:
        with query(folder, STATE) as result:
            _whole(result.fetchall())
        yield
        with query(folder, "select max(ingest_number) from ingests where status = 'committed'") as result:
            [(last,)] = result.fetchall()
        try:
            with query(folder, STATE, as_of=f"ingest:{last}") as result:
                _whole(result.fetchall())
        except labelhouse.errors.LabelhouseError as error:
            # A minute may have passed.
            if "not any more" not in str(error) and "expired" not in str(error):
                raise
        yield


def confined(folder: Path, _: Path) -> Iterator[None]:
    """A connection for others."""
    while True:
        with labelhouse.connect(folder, confined=True) as connection:
            for _select in range(SELECTS):
                _whole(connection.execute(STATE).fetchall())
                yield


def ask_(folder: Path, _: Path) -> Iterator[None]:
    """A named question."""
    asked = question("labels_per_class")
    while True:
        with ask(folder, asked, {"project": "one"}) as result:
            names = [column[0] for column in result.description]
            [row] = [dict(zip(names, values, strict=True)) for values in result.fetchall()]
        assert row["label_count"] == DOCUMENTS * LABELS, row
        yield


def export_(folder: Path, place: Path) -> Iterator[None]:
    """An export is of one night, whole, in both shapes."""
    chance = random.Random(1)
    while True:
        project, shape = chance.choice(PROJECTS), chance.choice(("list", "single"))
        path = place / "exported.json"
        with export_file(str(path)) as out:
            export(folder, lambda: out, ExportOptions(project=project, shape=shape))
        exported = json.loads(path.read_text(encoding="utf-8"))
        documents = exported if shape == "list" else [exported]
        labels = [label for document in documents for label in document["annotations"]]
        images = [image for document in documents for image in document["images"]]
        assert (len(images), len(labels)) == (DOCUMENTS, DOCUMENTS * LABELS)
        first = labels[0]["bbox"][0]
        assert sorted({label["bbox"][0] for label in labels}) == [first + index for index in range(LABELS)]
        yield


def published(folder: Path, _: Path) -> Iterator[None]:
    """The published file says one state in all of its tables."""
    path = folder / "published" / "labels.duckdb"
    while True:
        if not path.exists():
            time.sleep(0.05)
            continue
        with duckdb.connect(str(path), read_only=True) as connection:
            _whole(
                connection.execute(
                    "select project, count(distinct document_id), count(distinct document_key), count(*), "
                    "0.0 from labels group by project"
                ).fetchall()
            )
            marts = connection.execute(
                "select project, sum(label_count) from class_balance group by project order by all"
            ).fetchall()
            assert marts == [(project, DOCUMENTS * LABELS) for project in sorted(PROJECTS)]
        yield


def changes_(folder: Path, _: Path) -> Iterator[None]:
    """What the last commit of a project changed: all of its labels, or none if it is its first."""
    while True:
        with changes(folder, project="two") as result:
            counts = result.counts()
        assert [(c.added, c.removed, c.changed) for c in counts] in (
            [],
            [(0, 0, DOCUMENTS * LABELS)],
            [(DOCUMENTS * LABELS, 0, 0)],
        )
        yield


def status_(folder: Path, _: Path) -> Iterator[None]:
    """The counts of `labelhouse status`."""
    while True:
        result = status(folder)
        assert result.tables["documents"] == DOCUMENTS * len(PROJECTS)
        assert result.tables["annotations"] == DOCUMENTS * LABELS * len(PROJECTS)
        yield


def verify_(folder: Path, _: Path) -> Iterator[None]:
    """Verify finds nothing."""
    while True:
        findings = verify(folder).findings
        assert not findings, findings
        yield


LOADERS = {f"load {project}": load for project in PROJECTS}
WRITERS: dict[str, Callable[[Path, Path], Iterator[None]]] = {
    "maintain": maintain_,
    "refresh": refresh,
    "publish": publish_,
}
READERS: dict[str, Callable[[Path, Path], Iterator[None]]] = {
    "single select": single_select,
    "transaction": transaction,
    "query": query_,
    "confined": confined,
    "ask": ask_,
    "export": export_,
    "published": published,
    "changes": changes_,
    "status": status_,
    "verify": verify_,
}
QUICK = ("single select", "transaction", "confined", "published")


def main() -> None:
    """Run some of them in turn until the time is up, or a file says stop; print a line of each."""
    folder, place, seconds, *names = sys.argv[1:]
    running = [(name, _work(name, Path(folder), Path(place))) for name in names]
    done = dict.fromkeys(names, 0)
    end = time.monotonic() + float(seconds)
    is_over = False
    # Each at least once, however slow the machine is.
    while not is_over:
        for name, work in running:
            try:
                next(work)
            except Exception:  # noqa: BLE001 (whatever it is, the test shows it)
                print(json.dumps({"name": name, "done": done[name], "error": traceback.format_exc()}))
                return
            done[name] += 1
        is_over = time.monotonic() >= end or (Path(place) / STOP).exists()
    for name in names:
        print(json.dumps({"name": name, "done": done[name], "error": None}))


def _work(name: str, folder: Path, place: Path) -> Iterator[None]:
    if name in LOADERS:
        return load(folder, place, name.partition(" ")[2])
    own = place / name
    own.mkdir(exist_ok=True)
    return {**WRITERS, **READERS}[name](folder, own)


if __name__ == "__main__":
    main()
