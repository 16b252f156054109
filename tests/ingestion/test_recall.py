"""Bytes that were parsed before are not parsed again, and nothing else differs: not a row, not a note."""

import gzip
import json
import os
import random
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from labelhouse import connect
from labelhouse.ingestion.label_members import exports_of, hints_of, names_of
from labelhouse.ingestion.recall import recalled
from labelhouse.ingestion.run import IngestOptions
from labelhouse.ingestion.stage_source import stage_source
from labelhouse.limits import Limits
from labelhouse.maintenance.verify import verify
from labelhouse.manifest import ParseTask
from labelhouse.sources import source_file
from labelhouse.sources.containers import open_members
from labelhouse.sources.finding import find_sources
from labelhouse.sources.source_file import DecodedBytes
from labelhouse.staging import parsed_bytes
from labelhouse.staging.known_sources import are_likely_known
from labelhouse.staging.parsed_bytes import KEPT_DAYS, ParsedBytes, forget_old

from tests.reference.nights import Project
from tests.support.aliases import Record
from tests.support.exports import plain, unit
from tests.support.ingesting import Sessions, ingest
from tests.support.sets import rounds, slow

NIGHTS = rounds("NIGHTS", 3, 10, 30)
LEDGER = (
    "select * exclude (ingest_id, started_at, finished_at, seconds) from ingests order by ingest_number"
)
TABLES = {
    "documents": "* exclude (ingest_id)",
    "annotations": "*",
    "label_changes": "* exclude (ingest_id, changed_at)",
    "issues": "* exclude (ingest_id)",
    "quarantine": "* exclude (ingest_id)",
}


def contents(warehouse: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return all that a load leaves and that does not tell when it was."""
    with connect(warehouse) as connection:
        rows = {"ledger": connection.execute(LEDGER).fetchall()}
        for table, columns in TABLES.items():
            rows[table] = connection.execute(f"select {columns} from {table} order by all").fetchall()
    return rows


class Twins:
    """Two warehouses that get the same loads; one of them parses every byte."""

    def __init__(self, folder: Path) -> None:
        self.fast, self.slow = folder / "fast", folder / "slow"
        self.sessions = Sessions()

    def load(self, *paths: Path, **options: Any) -> list[str]:
        """Load into both, compare the reports, and return the statuses."""
        outcomes = []
        for warehouse, recalls in ((self.fast, True), (self.slow, False)):
            how = IngestOptions(jobs=1, recalls=recalls, **options)
            reports = self.sessions.ingest(warehouse, [str(path) for path in paths], how)
            outcomes.append(
                [
                    (
                        r.source,
                        r.status,
                        r.notes,
                        str(r.error),
                        {**r.as_json(), "seconds": 0, "ingest_id": 0},
                    )
                    for r in reports
                ]
            )
        assert outcomes[0] == outcomes[1]
        return [status for _, status, *_ in outcomes[0]]

    def compare(self) -> None:
        """Compare the two warehouses, row by row."""
        assert contents(self.fast) == contents(self.slow)
        lists = [list((w / "parsed").glob("*.parquet")) for w in (self.fast, self.slow)]
        assert [bool(paths) for paths in lists] == [True, False]


@pytest.fixture
def twins(tmp_path: Path) -> Iterator[Twins]:
    both = Twins(tmp_path)
    yield both
    both.sessions.close()
    both.compare()


def written(path: Path, value: object) -> Path:
    """Write JSON as what the name says: plain, gzip, or a zip with a member for each of a list."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".zip":
        assert isinstance(value, list)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("picture.jpg", b"no picture")
            for index, member in enumerate(value):
                archive.writestr(f"labels/{index}.json", json.dumps(member))
    elif path.suffix == ".gz":
        path.write_bytes(gzip.compress(json.dumps(value).encode()))
    else:
        path.write_text(json.dumps(value), encoding="utf-8")
    return path


def damaged(document: Record) -> Record:
    """Return a document with a label that goes into quarantine, and one that is doubtful."""
    first, second, *rest = json.loads(json.dumps(document["annotations"]))
    return {**document, "annotations": [{**first, "bbox": "no"}, {**second, "iscrowd": 7}, *rest]}


def test_the_nights_of_a_project_are_the_same_with_and_without_recognised_bytes(
    twins: Twins, tmp_path: Path
) -> None:
    seed = random.randrange(2**32)
    print("seed", seed)
    chance = random.Random(seed)
    project = Project(random.Random(seed), with_uuids=True)
    nights: list[Path] = []
    for night in range(NIGHTS):
        is_full = project.live_through(night)
        documents = project.export()
        nights.append(written(tmp_path / f"export-{night}.json", documents))
        twins.load(nights[-1], full=is_full)
        again = chance.choice(["same", "earlier", "folder", "other name", "forced"])
        if again == "same":
            assert twins.load(nights[-1], full=is_full) == ["unchanged"]
        elif again == "earlier":
            twins.load(chance.choice(nights))
        elif again == "folder":
            twins.load(*nights[-3:])
        elif again == "other name":
            packed = written(tmp_path / "other" / f"{night}.json.gz", documents)
            twins.load(packed, packed, full=is_full)
        else:
            twins.load(chance.choice(nights), again=True)
            twins.load(nights[-1], again=True)
    twins.sessions.close()
    assert verify(twins.fast).findings == []


@slow
def test_what_is_wrong_with_known_bytes_is_counted_as_before(twins: Twins, tmp_path: Path) -> None:
    many = [{**damaged(unit("a", labels=5))}, unit("b"), unit("c")]
    first = written(tmp_path / "a.json", many)
    assert twins.load(first, max_bad=0.9) == ["committed"]
    assert twins.load(first, max_bad=0.9) == ["unchanged"]
    newer = written(tmp_path / "b.json", [unit("a", shift=4)])
    assert twins.load(newer) == ["committed"]
    # Some of its documents have newer versions; the doubtful one is among them.
    assert twins.load(first, max_bad=0.9) == ["unchanged"]
    assert twins.load(first, newer, max_bad=0.9) == ["unchanged", "unchanged"]


@slow
def test_names_that_identify_documents_count_and_others_do_not(twins: Twins, tmp_path: Path) -> None:
    assert twins.load(written(tmp_path / "a.json", plain())) == ["committed"]
    assert twins.load(written(tmp_path / "b.json", plain(labels=3))) == ["committed"]
    archive = written(tmp_path / "c.zip", [plain(1), plain(4), unit("u")])
    assert twins.load(archive) == ["committed"]
    assert twins.load(archive) == ["unchanged"]
    assert twins.load(written(tmp_path / "d.json", plain())) == ["unchanged"]
    # A full load under another name names other documents.
    assert twins.load(written(tmp_path / "e.json", plain()), full=True) == ["committed"]
    assert twins.load(archive) == ["committed"]
    assert twins.load(archive, project="other") == ["committed"]
    assert twins.load(archive, tmp_path / "a.json", full=True, project="other") == ["committed"] * 2
    assert twins.load(archive, tmp_path / "a.json", full=True, project="other") == ["unchanged"] * 2


@slow
def test_removed_and_replaced_documents_come_back_as_before(twins: Twins, tmp_path: Path) -> None:
    first = written(tmp_path / "a.json", [unit("a"), unit("b")])
    second = written(tmp_path / "b.json", [unit("a", shift=3)])
    assert twins.load(first) == ["committed"]
    assert twins.load(second, full=True) == ["committed"]
    assert twins.load(first) == ["committed"]
    assert twins.load(first) == ["unchanged"]
    assert twins.load(first, again=True) == ["committed"]
    assert twins.load(second, full=True, dry_run=True) == ["committed"]
    assert twins.load(first, dry_run=True) == ["unchanged"]


def task(path: Path, folder: Path, **values: Any) -> ParseTask:
    """Return a task whose lists of bytes lie below `folder`."""
    known: dict[str, Any] = {"name": path.name, "project": "p", "ingest_id": "i", "ingest_number": 1}
    (folder / "run").mkdir(exist_ok=True)
    return ParseTask(
        str(path), str(path), **known, folder=str(folder / "run"), parsed=str(folder / "parsed"), **values
    )


def test_only_the_same_bytes_under_the_same_options_are_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "a.json", plain())
    asked = task(path, tmp_path)
    assert recalled(asked) is None
    staged = stage_source(asked)
    staged_before = recalled(asked)
    assert staged_before is not None
    assert (staged_before.sha256, staged_before.bytes, staged_before.notes) == (
        staged.sha256,
        staged.bytes,
        staged.notes,
    )
    assert [file.table for file in staged_before.files] == ["parsed_documents"]
    others = (
        replace(asked, max_bad=0.5),
        replace(asked, reader="ijson"),
        replace(asked, limits=Limits(depth=9)),
        replace(asked, name="other.json"),
        replace(asked, parsed=None),
    )
    assert [recalled(other) for other in others] == [None] * len(others)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"thing"', '"think"'), encoding="utf-8")
    assert recalled(asked) is None, "as many bytes, but others"
    path.write_text(text, encoding="utf-8")
    assert recalled(asked) is not None
    monkeypatch.setattr(parsed_bytes, "build", lambda: "another build")
    assert recalled(asked) is None


def test_a_list_that_is_damaged_is_not_used(tmp_path: Path) -> None:
    asked = task(written(tmp_path / "a.json", plain()), tmp_path)
    stage_source(asked)
    [listed] = (tmp_path / "parsed").iterdir()
    listed.write_bytes(listed.read_bytes()[:-1] + b"x")
    assert recalled(asked) is None
    listed.unlink()
    listed.mkdir()
    assert recalled(asked) is None


def test_damaged_sources_are_not_known(tmp_path: Path) -> None:
    packed = written(tmp_path / "a.json.gz", plain())
    asked = task(packed, tmp_path)
    stage_source(asked)
    whole = packed.read_bytes()
    middle = len(whole) // 2
    packed.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
    assert recalled(asked) is None
    packed.unlink()
    assert recalled(asked) is None


def test_bytes_of_another_length_are_not_even_read(tmp_path: Path) -> None:
    path = written(tmp_path / "a.zip", [plain(), plain(3)])
    stage_source(task(path, tmp_path))
    with path.open("rb") as file, open_members(file) as members:
        kept = exports_of(members, path.stat().st_size, Limits())
        hints = hints_of(kept)
        assert ParsedBytes(task(path, tmp_path), names_of(task(path, tmp_path), kept), hints).may_be_known()
        shorter = ["1 00000000", *hints[1:]]
        assert not ParsedBytes(task(path, tmp_path), [], shorter).may_be_known()


def test_other_bytes_are_read_up_to_where_they_differ(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source_file, "MILESTONE_BYTES", 1 << 12)
    path = written(tmp_path / "a.json", [unit(f"{number}") for number in range(300)])
    asked = task(path, tmp_path)
    text = path.read_bytes()
    staged = stage_source(replace(asked, block_bytes=1 << 12))
    counted: list[int] = []
    add = DecodedBytes.add

    def counting(decoded: DecodedBytes, count: int) -> None:
        counted.append(count)
        add(decoded, count)

    monkeypatch.setattr(DecodedBytes, "add", counting)
    # The beginning of a text is read at once, to see what it is.
    for at, most in (
        (20, 1 << 16),
        (len(text) // 2, len(text) // 2 + (1 << 14)),
        (len(text) - 20, len(text)),
    ):
        changed = bytearray(text)
        changed[at : at + 1] = b"~"
        path.write_bytes(changed)
        counted.clear()
        assert recalled(asked) is None
        assert at < sum(counted) <= most
    path.write_bytes(text)
    assert recalled(asked) is not None
    # Without them, or with damaged ones, the bytes are read to their end.
    [milestones] = (tmp_path / "parsed").glob("*.json")
    for damaged in ("", "{}", "[1]", '[["a", 2]]'):
        milestones.write_text(damaged)
        again = recalled(asked)
        assert again is not None
        assert again.sha256 == staged.sha256
    milestones.unlink()
    assert recalled(asked) is not None


def test_lists_that_no_load_uses_are_forgotten(tmp_path: Path) -> None:
    asked = task(written(tmp_path / "a.json", plain()), tmp_path)
    stage_source(asked)
    [listed] = (tmp_path / "parsed").iterdir()
    old = listed.stat().st_mtime - KEPT_DAYS * 86_400 + 60
    os.utime(listed, (old, old))
    forget_old(tmp_path / "parsed")
    assert recalled(asked) is not None, "it is used, and young again"
    os.utime(listed, (old - 120, old - 120))
    forget_old(tmp_path / "parsed")
    assert recalled(asked) is None
    forget_old(tmp_path / "none")


@slow
def test_a_warehouse_guesses_which_sources_have_not_changed(tmp_path: Path) -> None:
    paths = [written(tmp_path / "in" / f"{name}.json", [unit(name)]) for name in "ab"]
    sources = find_sources([str(tmp_path / "in")])
    assert not are_likely_known(tmp_path / "w" / "parsed", sources)
    list(ingest(tmp_path / "w", [str(tmp_path / "in")], IngestOptions(jobs=1)))
    assert are_likely_known(tmp_path / "w" / "parsed", sources)
    written(paths[0], [unit("a", labels=7)])
    assert not are_likely_known(tmp_path / "w" / "parsed", sources)
