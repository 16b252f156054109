"""Ingests started at the same moment: none takes another for dead, all commit, all are in the ledger."""

import json
import subprocess
import sys
from pathlib import Path

from labelhouse import connect

from tests.support.exports import unit
from tests.support.sets import choose, rounds, slow

SETS = rounds("SETS", 1, 1, 40)
AT_ONCE = choose(3, 6, 6)


@slow
def test_six_ingests_started_at_once_all_commit(tmp_path: Path) -> None:
    for number in range(SETS):
        warehouse = tmp_path / str(number) / "warehouse"
        sources = []
        for name in "abcdef"[:AT_ONCE]:
            sources.append(tmp_path / f"{name}.json")
            sources[-1].write_text(json.dumps([unit(name)]))
        command = [sys.executable, "-m", "labelhouse", "--warehouse", str(warehouse), "ingest"]
        running = [
            subprocess.Popen(
                [*command, str(source), "--json"],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for source in sources
        ]
        for process in running:
            out, err = process.communicate(timeout=300)
            assert process.returncode == 0, err
            assert json.loads(out)["status"] == "committed"
        with connect(warehouse) as connection:
            ledger = connection.execute("select ingest_number, status from ingests order by all").fetchall()
            documents = connection.execute("select document_id from documents order by all").fetchall()
        assert ledger == [(n + 1, "committed") for n in range(AT_ONCE)]
        assert documents == [(name,) for name in "abcdef"[:AT_ONCE]]
        assert not [path for path in (warehouse / "staging").rglob("*") if path.is_file()]
