"""A random life of a warehouse, compared after each step with a plain Python dict."""

import copy
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from labelhouse import connect
from labelhouse.ingestion.run import IngestOptions
from labelhouse.maintenance.verify import verify

from tests.support.aliases import Record
from tests.support.exports import unit
from tests.support.ingesting import ingest
from tests.support.sets import rounds, slow

STEPS = rounds("STEPS", 5, 12, 150)
NAMES = [f"d{number}" for number in range(6)]


def stored(warehouse: Path) -> dict[tuple[str, str], list[float]]:
    """Documents and the boxes of their labels, by project."""
    with connect(warehouse) as connection:
        documents = connection.execute("select project, document_id from documents").fetchall()
        labels = connection.execute(
            "select project, document_id, bbox_x from labels order by all"
        ).fetchall()
    boxes_by_document: dict[tuple[str, str], list[float]] = {key: [] for key in documents}
    assert len(boxes_by_document) == len(documents), "a document has two live versions"
    for project, document_id, x in labels:
        boxes_by_document[project, document_id].append(x)
    return boxes_by_document


def boxes(document: Record) -> list[float]:
    return sorted(label["bbox"][0] for label in document["annotations"])


@slow
def test_a_random_life_equals_a_dict(tmp_path: Path) -> None:
    seed = random.randrange(2**32)
    print("seed", seed)
    chance = random.Random(seed)
    warehouse = tmp_path / "warehouse"
    model: dict[tuple[str, str], list[float]] = {}
    history: list[tuple[list[Record], str]] = []
    known = set()
    for step in range(STEPS):
        project = chance.choice(["one", "two"])
        action = chance.choice(["load", "load", "again", "full", "bad", "kill", "kill"])
        names = chance.sample(NAMES, chance.randint(1, 4))
        units = [unit(n, labels=chance.randint(0, 4), shift=chance.randint(0, 9)) for n in names]
        # White space makes the bytes of this step its own.
        text = json.dumps(units) + " " * step
        if action == "again" and history:
            units, text = chance.choice(history)
        source = tmp_path / f"{step}.json"
        source.write_text(text)
        after = copy.deepcopy(model)
        if action == "full":
            after = {key: value for key, value in after.items() if key[0] != project}
        # A unit without labels has the same identity as with: its image.
        loaded = {(project, u["info"]["description"].removesuffix(".jpg")): boxes(u) for u in units}
        # Of bytes that the project had before, only what it has lost since comes back.
        after = loaded | after if (project, text) in known else after | loaded
        if action == "bad":
            source.write_text(json.dumps(units)[:-3])
            [report] = ingest(warehouse, [str(source)], IngestOptions(project=project, jobs=1))
            assert report.status == "rejected"
        elif action == "kill":
            command = [sys.executable, "-m", "labelhouse", "--warehouse", str(warehouse), "ingest"]
            process = subprocess.Popen(
                [*command, str(source), "--project", project],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            time.sleep(chance.uniform(0.3, 1.0))
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            if (warehouse / "catalog.sqlite").exists():
                # Creating the warehouse may have been killed too: the next start completes it.
                list(ingest(warehouse, [], IngestOptions()))
                state = stored(warehouse)
                assert state in (model, after)
                model = state
        else:
            [report] = ingest(
                warehouse, [str(source)], IngestOptions(project=project, full=action == "full", jobs=1)
            )
            expected = "unchanged" if after == model else "committed"
            assert report.status == expected, (action, step)
            model = after
            history.append((units, text))
            known.add((project, text))
        if (warehouse / "catalog.sqlite").exists() and action != "kill":
            assert stored(warehouse) == model, (action, step)
    if (warehouse / "catalog.sqlite").exists():
        assert verify(warehouse).findings == []
