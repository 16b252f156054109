"""Each check finds what it is for, to the row, and leaves the shapes alone that only look odd."""

import csv
import io
import json

import pytest
from labelhouse import connect
from labelhouse.cli.app import app
from labelhouse.ingestion.run import IngestOptions, ingest
from labelhouse.maintenance.verify import verify
from labelhouse.querying.check import check, worst
from labelhouse.querying.integrity import integrity_statements
from labelhouse.sql_library.named_sql import sql_files
from labelhouse.warehouse.opening import open_warehouse
from typer.testing import CliRunner

from tests.cases.check_cases import CASES, SOUND, box, unit
from tests.support.corpus import corpus_file

LEAD = ["project", "document_id", "document_key", "image_key", "annotation_position", "label_id", "what"]
#: Checks of whole tables of other branches of the code, tested below.
OTHERS = {"sudden_drops"}


def loaded(folder, documents, project="default"):
    """Load documents into the warehouse below a folder, each under its own file name."""
    path = folder / f"{project}.json"
    path.write_text(json.dumps(documents))
    [report] = ingest(folder / "warehouse", [str(path)], IngestOptions(project=project, jobs=1))
    assert report.status == "committed"
    return folder / "warehouse"


@pytest.fixture(scope="module")
def found_in_cases(tmp_path_factory):
    """All checks run once on all cases, each case a project of its own; sound labels are one too."""
    folder = tmp_path_factory.mktemp("cases")
    for name, (documents, _) in CASES.items():
        loaded(folder, documents, name)
    warehouse = loaded(folder, [SOUND], "sound")
    return {found.name: found for found in check(warehouse, shown_rows=10_000)}


def run(warehouse, name, **options):
    [found] = [found for found in check(warehouse, shown_rows=1000, **options) if found.name == name]
    assert found.error is None
    return found


def shortened(found, project="default"):
    """Position, what, and the columns of the check's own."""
    assert list(found.columns[:7]) == LEAD
    return [row[4:5] + row[6:] for row in found.rows if row[0] == project]


@pytest.mark.parametrize("name", CASES)
def test_a_check_finds_exactly_the_rows_of_its_case(name, found_in_cases):
    _, expected = CASES[name]
    found = found_in_cases[name]
    assert found.error is None
    assert shortened(found, name) == [
        tuple(pytest.approx(value) if isinstance(value, float) else value for value in row)
        for row in expected
    ]
    assert found.by_project[name] == len(expected)


def test_no_check_finds_anything_in_sound_labels_of_every_shape(found_in_cases):
    assert {
        name: found.by_project.get("sound", 0) for name, found in found_in_cases.items()
    } == dict.fromkeys(found_in_cases, 0)
    assert set(found_in_cases) >= set(CASES) | OTHERS


def test_what_the_checks_of_the_warehouse_s_integrity_ask_holds(found_in_cases):
    whole = {name: found for name, found in found_in_cases.items() if name.startswith("integrity_")}
    assert {name: (found.count, found.error) for name, found in whole.items()} == dict.fromkeys(
        whole, (0, None)
    )
    assert len(whole) >= 8


def test_every_check_has_a_case():
    assert {file.name for file in sql_files("checks")} == set(CASES) | OTHERS


def test_every_check_leads_with_the_same_columns():
    for file in sql_files("checks"):
        assert [name for name, _ in file.header.columns][:7] == LEAD, file.name


def test_labels_of_encord_s_own_exporter_have_sound_geometry(load, warehouse):
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
    found = [c for c in check(warehouse) if c.name in geometry]
    assert len(found) == len(geometry)
    assert [(c.name, c.count, c.rows) for c in found if c.is_failing] == []


def test_a_drop_is_found_where_many_labels_went(write, load, warehouse):
    many = unit(*(box(3 * n, 0, 2, 9, f"u{n}") for n in range(20)))
    load(write("1.json", [many, unit(box(0, 0, 9, 9, "u"), name="b")]))
    assert run(warehouse, "sudden_drops").rows == []
    with open_warehouse(warehouse) as opened, opened.lock(), opened.transaction() as connection:
        # Of 30 labels 10 went, of 10 that another document had 9, and a third document is gone.
        connection.execute(
            "insert into label_changes by name select 'i2' as ingest_id, 2 as ingest_number, "
            "'default' as project, document_id, 'removed' as change from "
            "(select 'a' as document_id from range(10) union all select 'b' from range(9) "
            "union all select 'gone' from range(12))"
        )
    assert shortened(run(warehouse, "sudden_drops")) == [
        (None, "lost 10 of 30 labels", "i2", 10, 0, 30),
        (None, "lost 12 of 12 labels", "i2", 12, 0, 12),
    ]


def test_the_near_duplicates_are_those_that_comparing_all_pairs_finds(write, load, warehouse):
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
    load(write("1.json", [unit(*(box(*given) for given in boxes), size=4000)]))
    found = {(row[4], row[8]) for row in run(warehouse, "near_duplicate_labels").rows}
    expected = {
        (later, earlier)
        for later in range(len(boxes))
        for earlier in range(later)
        if _iou(boxes[later], boxes[earlier]) > 0.9
    }
    assert len(expected) > 100
    assert found == expected


def _iou(one, other):
    shared = 1.0
    for axis in (0, 1):
        shared *= max(
            0.0,
            min(one[axis] + one[axis + 2], other[axis] + other[axis + 2]) - max(one[axis], other[axis]),
        )
    return shared / (one[2] * one[3] + other[2] * other[3] - shared)


def test_results_are_kept_a_project_and_ingest_and_a_second_run_takes_their_place(write, load, warehouse):
    load(write("1.json", [unit(box(-5, 0, 9, 9, "u"))]), project="one")
    load(write("2.json", [unit(box(-5, 0, 9, 9, "u"), box(5, 0, 9, 9, "v"))]), project="two")
    check(warehouse)
    found = run(warehouse, "boxes_outside_image")
    assert found.by_project == {"one": 1, "two": 1}
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
    found = run(warehouse, "boxes_outside_image", project="two")
    assert (found.count, [row[:2] for row in found.rows]) == (1, [("two", "a")])
    run(warehouse, "boxes_outside_image", project="one")
    with connect(warehouse) as connection:
        rows = connection.execute(question).fetchall()
    assert [(row[0], row[2]) for row in rows] == [("one", 1), ("two", 1), ("one", 0)]
    assert verify(warehouse).findings == []


def test_a_damaged_warehouse_fails_a_check(write, load, warehouse):
    load(write("1.json", [unit(box(5, 0, 9, 9))]))
    with open_warehouse(warehouse) as opened, opened.lock(), opened.transaction() as connection:
        connection.execute("delete from images")
    found = {c.name: c.rows for c in check(warehouse) if c.is_failing}
    assert "0 of 1 images" in found["integrity_document_counts"][0][0]
    assert [row[4] for row in found["orphan_labels"]] == [0]


MINE = """\
-- Labels that nobody may use.
-- grain: label
-- columns: project, what (in words)
-- severity: warning
-- explanation: A rule of ours.
select project, concat('label ', annotation_id) as what from labels order by all
"""


@pytest.fixture
def mine(tmp_path):
    folder = tmp_path / "mine"
    (folder / "checks").mkdir(parents=True)
    (folder / "checks" / "forbidden.sql").write_text(MINE)
    return folder


def invoke(warehouse, *arguments):
    return CliRunner().invoke(app, ["--warehouse", str(warehouse), "check", *arguments])


def test_a_check_of_one_s_own_runs_with_the_others(write, load, warehouse, mine):
    load(write("1.json", [SOUND]))
    found = run(warehouse, "forbidden", sql=mine)
    assert (found.count, found.rows[0]) == (11, ("default", "label 0"))
    done = invoke(warehouse, "--sql", str(mine), "--fail-on", "warning", "--rows", "1")
    assert done.exit_code == 1
    assert "warning forbidden: 11" in done.output
    assert "default: label 0\n    ... and 10 more" in done.output
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


def test_sql_of_one_s_own_is_confined_and_its_failure_stops_no_other(write, load, warehouse, mine):
    load(write("1.json", [SOUND]))
    header = MINE[: MINE.index("select")]
    for name, (sql, _) in BAD_SQL.items():
        (mine / "checks" / f"{name}.sql").write_text(header + sql)
    found = {c.name: c for c in check(warehouse, sql=mine)}
    errors = {name: c.error for name, c in found.items() if c.error}
    assert set(errors) == set(BAD_SQL)
    for name, (_, says) in BAD_SQL.items():
        assert says in errors[name]
        assert "\n" not in errors[name]
    assert found["forbidden"].count == 11
    assert {c.name for c in worst(list(found.values()), "error")} == set(BAD_SQL)
    done = invoke(warehouse, "--sql", str(mine))
    assert done.exit_code == 1
    assert "warning two: could not run: " in done.output


def test_the_command_writes_json_and_csv(write, load, warehouse):
    load(write("1.json", [unit(box(-5, 0, 9, 9, "u"))]))
    done = invoke(warehouse, "--format", "json", "--fail-on", "error")
    assert done.exit_code == 1
    found = {entry["check"]: entry for entry in json.loads(done.output)}
    assert found["boxes_outside_image"]["failing"] == 1
    assert found["boxes_outside_image"]["severity"] == "error"
    [row] = found["boxes_outside_image"]["rows"]
    assert (row["document_id"], row["label_id"], row["outside_px"]) == ("a", "u", 5.0)
    assert found["degenerate_boxes"]["rows"] == []
    lines = list(csv.DictReader(io.StringIO(invoke(warehouse, "--format", "csv").output)))
    [line] = [line for line in lines if line["check"] == "boxes_outside_image"]
    assert line == {
        "check": "boxes_outside_image",
        "severity": "error",
        "failing": "1",
        "error": "",
        "row": "default a u: box -5.0, 0.0, 9.0, 9.0 on an image of 100 x 100",
    }


def test_an_unknown_project_is_refused(write, load, warehouse):
    load(write("1.json", [SOUND]))
    done = invoke(warehouse, "--project", "nobody")
    assert done.exit_code != 0
    assert "there is no project nobody" in str(done.exception)
