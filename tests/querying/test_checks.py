"""Each check finds what it is for, to the row, and leaves the shapes alone that only look odd."""

import csv
import io
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from labelhouse import connect
from labelhouse.cli.app import app
from labelhouse.ingestion.run import IngestOptions
from labelhouse.maintenance.verify import verify
from labelhouse.querying.check import Checked, check, worst
from labelhouse.querying.checks.shared import SHARED_VIEWS, share_views
from labelhouse.querying.integrity import integrity_statements
from labelhouse.sql_library.named_sql import sql_files
from labelhouse.warehouse.opening import open_warehouse
from labelhouse.warehouse.snapshots import open_snapshot
from typer.testing import CliRunner, Result

from tests.cases.check_cases import CASES, SOUND, Row, box, unit
from tests.reference.judging import CLAIMS, findings_of
from tests.support.aliases import Load, Record, Rows, Write
from tests.support.corpus import corpus_file
from tests.support.ingesting import ingest, session
from tests.support.sets import slow

LEAD = ["project", "document_id", "document_key", "image_key", "annotation_position", "label_id", "what"]
#: Checks of whole tables of other branches of the code, tested below, and of label rows.
OTHERS = {"sudden_drops", "mass_changes", "open_required_answers"}


def loaded(folder: Path, documents: list[Record], project: str = "default") -> Path:
    """Load documents into the warehouse below a folder, each under its own file name."""
    path = folder / f"{project}.json"
    path.write_text(json.dumps(documents))
    [report] = ingest(folder / "warehouse", [str(path)], IngestOptions(project=project, jobs=1))
    assert report.status == "committed"
    return folder / "warehouse"


@pytest.fixture(scope="module")
def found_in_cases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Checked]:
    """All checks run once on all cases, each case a project of its own; sound labels are one too."""
    folder = tmp_path_factory.mktemp("cases")
    cases = {name: documents for name, (documents, _) in CASES.items()} | {"sound": [SOUND]}
    with session(folder / "warehouse") as loading:
        for name, documents in cases.items():
            path = folder / f"{name}.json"
            path.write_text(json.dumps(documents))
            [report] = loading.ingest([str(path)], IngestOptions(project=name, jobs=1))
            assert report.status == "committed"
    return {checked.name: checked for checked in check(folder / "warehouse", shown_rows=10_000)}


def run(warehouse: Path, name: str, **options: Any) -> Checked:
    [checked] = check(warehouse, only=[name], shown_rows=1000, **options)
    assert checked.error is None
    return checked


def shortened(checked: Checked, project: str = "default") -> Rows:
    """Position, what, and the columns of the check's own."""
    assert list(checked.columns[:7]) == LEAD
    return [row[4:5] + row[6:] for row in checked.rows if row[0] == project]


@pytest.mark.parametrize("name", CASES)
def test_a_check_finds_exactly_the_rows_of_its_case(name: str, found_in_cases: dict[str, Checked]) -> None:
    _, expected = CASES[name]
    checked = found_in_cases[name]
    assert checked.error is None
    assert shortened(checked, name) == [
        tuple(pytest.approx(value) if isinstance(value, float) else value for value in row)
        for row in expected
    ]
    assert checked.by_project[name] == len(expected)


@pytest.mark.parametrize("name", sorted(CLAIMS))
def test_the_raw_json_of_a_case_has_what_its_findings_say(
    name: str, found_in_cases: dict[str, Checked]
) -> None:
    documents, _ = CASES[name]
    findings = [finding for finding in findings_of(found_in_cases[name]) if finding["project"] == name]
    places = [finding["document_key"] % 2**32 for finding in findings]
    assert [
        finding
        for finding, place in zip(findings, places, strict=True)
        if not CLAIMS[name](documents[place], finding)
    ] == []


def test_messages_count_one_in_the_singular(found_in_cases: dict[str, Checked]) -> None:
    plural = re.compile(r"(?<!of )\b1 (times|images|boxes|classes|labels|frames|keypoints|rows|keys)\b")
    texts = [
        str(dict(zip(checked.columns, row, strict=True))["what"])
        for checked in found_in_cases.values()
        for row in checked.rows
    ]
    assert [text for text in texts if plural.search(text)] == []


def test_views_that_checks_share_have_the_rows_of_the_views(tmp_path: Path) -> None:
    video = unit(*(box(n, n, 20, 10, "u", image_id=n) for n in (0, 1, 3)), frames=4)
    warehouse = loaded(tmp_path, [video])
    with open_snapshot(warehouse) as connection:
        before = {view: connection.execute(f"from {view} order by all").fetchall() for view in SHARED_VIEWS}
        share_views(connection)
        for view in SHARED_VIEWS:
            assert connection.execute(f"from temp.main.{view} order by all").fetchall() == before[view]
            assert connection.execute(f"from {view} order by all").fetchall() == before[view]
        query = "select image_id, width, height, is_frame from image_sizes order by image_id"
        assert connection.execute(query).fetchall() == [(n, 100, 100, True) for n in range(4)]
        query = "select track, labelled_frames, gap_frames from tracks"
        assert connection.execute(query).fetchall() == [("u", 3, 1)]


def test_no_check_finds_anything_in_sound_labels_of_every_shape(found_in_cases: dict[str, Checked]) -> None:
    assert {
        name: checked.by_project.get("sound", 0) for name, checked in found_in_cases.items()
    } == dict.fromkeys(found_in_cases, 0)
    assert set(found_in_cases) >= set(CASES) | OTHERS


def test_what_the_checks_of_the_warehouse_s_integrity_ask_holds(found_in_cases: dict[str, Checked]) -> None:
    whole = {name: checked for name, checked in found_in_cases.items() if name.startswith("integrity_")}
    assert {name: (checked.count, checked.error) for name, checked in whole.items()} == dict.fromkeys(
        whole, (0, None)
    )
    assert len(whole) >= 8


def test_every_check_has_a_case() -> None:
    assert {file.name for file in sql_files("checks")} == set(CASES) | OTHERS


def test_every_check_leads_with_the_same_columns() -> None:
    for file in sql_files("checks"):
        assert [name for name, _ in file.header.columns][:7] == LEAD, file.name


@slow
def test_labels_of_encord_s_own_exporter_have_sound_geometry(load: Load, warehouse: Path) -> None:
    load(str(corpus_file("encord/encord_sdk_export_list.json")))
    geometry = {
        "boxes_outside_image",
        "degenerate_boxes",
        "area_against_geometry",
        "near_duplicate_labels",
        "duplicate_ids",
        "orphan_labels",
        "undefined_categories",
        "num_keypoints_against_visibility",
    }
    results = [c for c in check(warehouse) if c.name in geometry]
    assert len(results) == len(geometry)
    assert [(c.name, c.count, c.rows) for c in results if c.is_failing] == []


@slow
def test_a_loss_and_a_mass_change_are_reported_until_they_are_mended(
    write: Write, load: Load, warehouse: Path
) -> None:
    nights: list[str] = []

    def night(
        lost: int = 0, moved: float = 0, other: float = 0, lost_images: int = 0
    ) -> dict[str, list[Row]]:
        many = unit(*(box(3 * n + moved, 0, 2, 9, f"u{n}") for n in range(lost, 30)), name="many")
        frames = unit(
            *(
                box(9 * m, n, 8, 8, f"f{n}-{m}", image_id=n)
                for n in range(lost_images, 40)
                for m in range(3)
            ),
            name="video",
            frames=40,
        )
        # bytes that were loaded before are not loaded again.
        nights.append(" " * (len(nights) + 1))
        single = unit(box(other, 0, 9, 9, "u"), name="single")
        for name, document in (("a", many), ("b", single), ("c", frames)):
            path = Path(write(f"{name}.json", [document]))
            path.write_text(path.read_text() + nights[-1])
        load(*(str(path.with_name(f"{name}.json")) for name in "abc"))
        both = check(warehouse, only=["sudden_drops", "mass_changes"], shown_rows=1000)
        return {checked.name: [(row[1], row[7], row[8]) for row in checked.rows] for checked in both}

    quiet: dict[str, list[Row]] = {"sudden_drops": [], "mass_changes": []}
    assert night() == quiet
    lost = [("many", "document lost labels", 12), ("video", "images lost all labels", 15)]
    # all loads are of one day, so that the project's loss is the greatest of an ingest, not the night's.
    total = (None, "project lost labels", 15)
    assert night(lost=12, lost_images=5, other=1) == quiet | {"sudden_drops": [*lost, total]}
    assert night(lost=12, lost_images=5, other=2) == quiet | {"sudden_drops": [*lost, total]}
    assert night(lost=0, lost_images=5, other=2) == quiet | {"sudden_drops": lost[1:]}
    assert night(other=2) == quiet
    moved = {"mass_changes": [("many", "nearly all boxes moved", 30)]}
    assert night(moved=2, other=2) == quiet | moved
    assert night(moved=2, other=3) == quiet | moved
    assert night(other=3) == quiet


@slow
def test_the_near_duplicates_are_those_that_comparing_all_pairs_finds(
    write: Write, load: Load, warehouse: Path
) -> None:
    """Boxes in clusters, so that many overlap by about 0.9, at all scales and over cell borders."""
    import random

    rng = random.Random(7)
    boxes = []
    for _ in range(150):
        scale = 2 ** rng.uniform(0, 9)
        x, y = (rng.uniform(0, 900), rng.uniform(0, 900))
        w, h = scale * rng.uniform(0.3, 2), scale * rng.uniform(0.3, 2)
        for _ in range(4):
            boxes.append(
                (
                    x + w * rng.uniform(-0.06, 0.06),
                    y + h * rng.uniform(-0.06, 0.06),
                    w * rng.uniform(0.94, 1.06),
                    h * rng.uniform(0.94, 1.06),
                )
            )
    load(write("1.json", [unit(*(box(*place) for place in boxes), size=4000)]))
    pairs = {(row[4], row[11]) for row in run(warehouse, "near_duplicate_labels").rows}
    expected = {
        (later, earlier)
        for later in range(len(boxes))
        for earlier in range(later)
        if _iou(boxes[later], boxes[earlier]) > 0.8
    }
    assert len(expected) > 100
    assert pairs == expected


def _iou(one: Sequence[float], other: Sequence[float]) -> float:
    shared = 1.0
    for axis in (0, 1):
        shared *= max(
            0.0,
            min(one[axis] + one[axis + 2], other[axis] + other[axis + 2]) - max(one[axis], other[axis]),
        )
    return shared / (one[2] * one[3] + other[2] * other[3] - shared)


@slow
def test_results_are_kept_a_project_and_ingest_and_a_second_run_takes_their_place(
    write: Write, load: Load, warehouse: Path
) -> None:
    load(write("1.json", [unit(box(-5, 0, 9, 9, "u"))]), project="one")
    load(write("2.json", [unit(box(-5, 0, 9, 9, "u"), box(5, 0, 9, 9, "v"))]), project="two")
    check(warehouse)
    checked = run(warehouse, "boxes_outside_image")
    assert checked.by_project == {"one": 1, "two": 1}
    question = (
        "select check_results.project, check_results.ingest_id, failing_count, severity from check_results "
        "inner join ingests using (ingest_id) "
        "where check_name = 'boxes_outside_image' order by ingest_number"
    )
    with connect(warehouse) as connection:
        ingests = dict(connection.execute("select project, ingest_id from documents").fetchall())
        assert connection.execute(question).fetchall() == [
            ("one", ingests["one"], 1, "error"),
            ("two", ingests["two"], 1, "error"),
        ]
        [[total]] = connection.execute("select count(*) from check_results").fetchall()
        whole = connection.execute(
            "select check_name, ingest_id from check_results where project is null order by all"
        ).fetchall()
    assert {name for name, _ in whole} == {f"integrity_{name}" for name, _, _ in integrity_statements()}
    assert {ingest_id for _, ingest_id in whole} == {ingests["two"]}
    assert total == 2 * len(sql_files("checks")) + len(whole)

    load(write("1.json", [unit(box(6, 0, 9, 9, "u"))]), project="one")
    checked = run(warehouse, "boxes_outside_image", project="two")
    assert (checked.count, [row[:2] for row in checked.rows]) == (1, [("two", "a")])
    run(warehouse, "boxes_outside_image", project="one")
    with connect(warehouse) as connection:
        rows = connection.execute(question).fetchall()
    assert [(row[0], row[2]) for row in rows] == [("one", 1), ("two", 1), ("one", 0)]
    assert verify(warehouse).findings == []


@slow
def test_a_damaged_warehouse_fails_a_check(write: Write, load: Load, warehouse: Path) -> None:
    load(write("1.json", [unit(box(5, 0, 9, 9))]))
    with open_warehouse(warehouse) as opened, opened.lock(), opened.transaction() as connection:
        connection.execute("delete from images")
    rows_by_check = {c.name: c.rows for c in check(warehouse) if c.is_failing}
    assert "0 of 1 images" in str(rows_by_check["integrity_document_counts"][0][0])
    assert [row[4] for row in rows_by_check["orphan_labels"]] == [0]


MINE = """\
-- Labels that nobody may use.
-- grain: label
-- columns: project, what (in words)
-- severity: warning
-- explanation: A rule of ours.
select project, concat('label ', annotation_id) as what from labels order by all
"""


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    folder = tmp_path / "mine"
    (folder / "checks").mkdir(parents=True)
    (folder / "checks" / "forbidden.sql").write_text(MINE)
    return folder


def invoke(warehouse: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["--warehouse", str(warehouse), "check", *arguments])


@slow
def test_a_check_of_one_s_own_runs_with_the_others(
    write: Write, load: Load, warehouse: Path, mine: Path
) -> None:
    load(write("1.json", [SOUND]))
    checked = run(warehouse, "forbidden", sql=mine)
    assert (checked.count, checked.rows[0]) == (11, ("default", "label 0"))
    done = invoke(warehouse, "--sql", str(mine), "--fail-on", "warning", "--rows", "1")
    assert done.exit_code == 1
    assert "warning forbidden: 11" in done.output
    assert "\n  default: 11 rows\n      label 0\n\n" in done.output
    assert invoke(warehouse, "--sql", str(mine), "--fail-on", "error").exit_code == 0
    assert invoke(warehouse, "--fail-on", "warning").exit_code == 0


BAD_SQL = {
    "writes": ("delete from labels", "a DELETE statement"),
    "two": ("select 1; select 2", "2 statements"),
    "file": (
        "select content as project, '' as what from read_text('/etc/hostname')",
        "the function read_text",
    ),
    "sqlite": ("select * from sqlite_scan('catalog.sqlite', 'x')", "reaches beyond the warehouse"),
    "unknown": ("select nothing from labels", "Referenced column"),
    "columns": ("select project from labels", "names the columns project, what, the result has project"),
}


@slow
def test_sql_of_one_s_own_is_confined_and_its_failure_stops_no_other(
    write: Write, load: Load, warehouse: Path, mine: Path
) -> None:
    load(write("1.json", [SOUND]))
    header = MINE[: MINE.index("select")]
    for name, (sql, _) in BAD_SQL.items():
        (mine / "checks" / f"{name}.sql").write_text(header + sql)
    by_name = {c.name: c for c in check(warehouse, sql=mine)}
    errors = {name: c.error for name, c in by_name.items() if c.error}
    assert set(errors) == set(BAD_SQL)
    for name, (_, says) in BAD_SQL.items():
        assert says in errors[name]
        assert "\n" not in errors[name]
    assert by_name["forbidden"].count == 11
    assert {c.name for c in worst(list(by_name.values()), "error")} == set(BAD_SQL)
    done = invoke(warehouse, "--sql", str(mine))
    assert done.exit_code == 1
    assert "warning two: could not run: " in done.output


@slow
def test_the_command_writes_json_and_csv(write: Write, load: Load, warehouse: Path) -> None:
    load(write("1.json", [unit(box(-5, 0, 9, 9, "u"))]))
    done = invoke(warehouse, "--format", "json", "--fail-on", "error")
    assert done.exit_code == 1
    printed = {entry["check"]: entry for entry in json.loads(done.output)}
    assert printed["boxes_outside_image"]["failing"] == 1
    assert printed["boxes_outside_image"]["severity"] == "error"
    [row] = printed["boxes_outside_image"]["rows"]
    assert (row["document_id"], row["label_id"], row["outside_px"]) == ("a", "u", 5.0)
    assert printed["degenerate_boxes"]["rows"] == []
    lines = list(csv.DictReader(io.StringIO(invoke(warehouse, "--format", "csv").output)))
    [line] = [line for line in lines if line["check"] == "boxes_outside_image"]
    seen = {name: line.pop(name) for name in ("first_seen", "last_seen", "first_seen_ingest", "finding_id")}
    assert all(seen.values())
    assert line.pop("last_seen_ingest") == seen["first_seen_ingest"]
    assert line == {
        "check": "boxes_outside_image",
        "severity": "error",
        "status": "new",
        "cause": "box reaches out of the image",
        "project": "default",
        "document_id": "a",
        "image_key": "a",
        "label_id": "u",
        "file_name": "images/a.jpg",
        "category": "a bounding_box",
        "annotation_id": "0",
        "what": "box -5.0, 0.0, 9.0, 9.0 reaches 5.0 px out of an image of 100 x 100",
        "rows": "1",
        "labels": "1",
        "waived": "",
        "mended": "",
        "mended_ingest": "",
        "error": "",
    }


def test_an_unknown_project_is_refused(write: Write, load: Load, warehouse: Path) -> None:
    load(write("1.json", [SOUND]))
    done = invoke(warehouse, "--project", "nobody")
    assert done.exit_code != 0
    assert "there is no project nobody" in str(done.exception)
