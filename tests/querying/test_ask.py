"""Named questions: each runs, answers what its header says, and counts what plain Python counts."""

import csv
import io
import json
import re
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from labelhouse.cli.app import app, main
from labelhouse.errors import QueryError, UsageError
from labelhouse.ingestion.run import IngestOptions
from labelhouse.marts.refresh import refresh_marts
from labelhouse.querying.ask import ask, question
from labelhouse.querying.check import check
from labelhouse.sql_library.named_sql import sql_files
from labelhouse.sql_library.parameters import bound, parameters_of
from typer.testing import CliRunner, Result

from tests.cases.check_cases import RLE, box, label, mask, polygon, polyline, turned, unit
from tests.cases.question_cases import ANSWERS, churn
from tests.querying.test_questions_of_label_rows import QUESTIONS as OF_LABEL_ROWS
from tests.querying.test_questions_of_mondays import ANSWERS as MONDAYS
from tests.support.aliases import Load, Record, Rows, Write
from tests.support.dashboard_nights import FIRST_NIGHT, clock, nights
from tests.support.exports import unit as small
from tests.support.ingesting import ingest
from tests.support.loading import Loader
from tests.support.sets import choose, slow, some

NIGHTS = choose(3, 4, 4)
PROJECTS = {"harbour": 1, "roads": 2}
NAMES = [file.name for file in sql_files("queries")]
BY_NEED = sorted(set(NAMES) - {*MONDAYS, *OF_LABEL_ROWS}, key=lambda name: (name in ANSWERS, name))
"""First those whose answers are not compared with what plain Python counts."""
HEXAGON = [10.0, 10.0, 20.0, 5.0, 30.0, 10.0, 30.0, 20.0, 20.0, 25.0, 10.0, 20.0]
ODD = [
    unit(
        box(0, 10, 20, 80.0, "u0", answers={"#relation": "u1"}),
        box(0.5, 10, 20, 80, "u1", score=0.25),
        turned(40, 40, 20, 10, 30.0, "u2"),
        turned(40, 40, 20, 10, 31.0, "u3"),
        polygon(HEXAGON, HEXAGON, area=300.0),
        mask(RLE, [4.0, 3.0, 10.0, 6.0], 60.0),
        polyline([10.0, 50.0, 60.0, 50.0], "u6"),
        *(box(30, n, 10, 10, f"s{n}", score=0.75) for n in range(0, 80, 16)),
        label(1, None, "bad") | {"bbox": [1, 2, "three", 4], "area": "three" * 4},
        label(1, [1, 2, 3, 4], "u9", image_id=77),
    ),
    unit(name="empty", categories=[{"supercategory": "polygon", "id": 1, "name": "New"}]),
]


@pytest.fixture(scope="module")
def exports() -> dict[str, list[list[Record]]]:
    """What each project exported, night by night."""
    return {project: list(nights(project, NIGHTS, seed)) for project, seed in PROJECTS.items()}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, exports: dict[str, list[list[Record]]]) -> Path:
    """Nights of two projects, a project of odd labels, and a source that is no export; all refreshed."""
    folder = tmp_path_factory.mktemp("ask")
    warehouse = folder / "warehouse"
    with Loader(warehouse, folder) as loader, loader.warehouse.lock():
        for night in range(NIGHTS):
            with clock(FIRST_NIGHT + timedelta(days=night)):
                for project, states in exports.items():
                    loader.load(states[night], project=project)
        with clock(FIRST_NIGHT + timedelta(days=NIGHTS)):
            loader.load(ODD, project="odd")
            moved = json.loads(json.dumps(ODD))
            moved[0]["annotations"][6]["attributes"]["manual_annotation"] = False
        with clock(FIRST_NIGHT + timedelta(days=NIGHTS + 8)):
            loader.load(moved, project="odd")
    (folder / "no.json").write_text("{")
    [report] = ingest(warehouse, [str(folder / "no.json")], IngestOptions(project="odd", jobs=1))
    assert report.status == "rejected"
    refresh_marts(warehouse)
    assert [checked for checked in check(warehouse) if checked.error] == []
    return warehouse


def answer(warehouse: Path, name: str, *assignments: str, **options: Any) -> tuple[list[str], Rows]:
    """Columns and rows of a question's answer."""
    file = question(name)
    parameters = parameters_of(file.header.parameters, file.text, file.where)
    with ask(warehouse, file, bound(parameters, assignments, name), **options) as result:
        return [column[0] for column in result.description], result.fetchall()


def near(actual: Rows, expected: Sequence[tuple[Any, ...]]) -> None:
    """Compare rows whatever their order; numbers to the last digits but one."""

    def key(row: tuple[Any, ...]) -> list[str]:
        return [f"{value:.9g}" if isinstance(value, float) else str(value) for value in row]

    assert [
        tuple(pytest.approx(value, rel=1e-12) if isinstance(value, float) else value for value in row)
        for row in sorted(expected, key=key)
    ] == sorted(actual, key=key)


def run(warehouse: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["--warehouse", str(warehouse), "ask", *arguments])


def refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], warehouse: Path, *arguments: str
) -> tuple[str | int | None, str]:
    """Run the command as a shell does; return the exit code and what it says."""
    monkeypatch.setattr("sys.argv", ["labelhouse", "--warehouse", str(warehouse), "ask", *arguments])
    with pytest.raises(SystemExit) as caught:
        main()
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    return caught.value.code, said.err


def test_there_are_many_questions_and_each_is_asked_in_one_line() -> None:
    files = sql_files("queries")
    assert len(files) >= 30
    for file in files:
        assert file.header.question.endswith("?"), file.name
        assert len(file.header.question) <= 90, file.name
        assert "project" in dict(file.header.parameters), file.name


@slow
@pytest.mark.parametrize("name", some(BY_NEED, len(BY_NEED) - len(ANSWERS)))
def test_a_question_has_an_answer_with_the_columns_that_its_header_names(name: str, filled: Path) -> None:
    assignments = {
        "attribute_values": ["category=Car"],
        "label_history": ["label=u6"],
        "complex_polygons": ["min_points=12"],
        "changed_documents": [f"night={(FIRST_NIGHT + timedelta(days=1)).date()}"],
    }.get(name, [])
    columns, rows = answer(filled, name, *assignments)
    assert columns == [column for column, _ in question(name).header.columns]
    assert rows != []


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_is_what_plain_python_counts(
    name: str, filled: Path, exports: dict[str, list[list[Record]]]
) -> None:
    parameters = dict(question(name).header.parameters)
    assignments = ["rows=100000"] if "rows" in parameters else []
    assignments += ["category=Car"] if name == "attribute_values" else []
    _, rows = answer(filled, name, *assignments)
    for project in PROJECTS:
        near([row for row in rows if row[0] == project], ANSWERS[name](project, exports[project][-1]))
    _, rows = answer(filled, name, *assignments, "project=roads")
    near(rows, ANSWERS[name]("roads", exports["roads"][-1]))


def test_rows_come_in_order_and_no_more_than_were_asked_for(filled: Path) -> None:
    whole = answer(filled, "largest_labels", "rows=100000")[1]
    assert [row[7] for row in whole] == sorted((row[7] for row in whole), reverse=True)
    assert answer(filled, "largest_labels", "rows=3")[1] == whole[:3]
    assert len(answer(filled, "largest_labels")[1]) == 20


@pytest.mark.parametrize("project", PROJECTS)
def test_churn_and_counts_per_night_are_those_of_the_exports(
    project: str, filled: Path, exports: dict[str, list[list[Record]]]
) -> None:
    changes, counts = [], []
    before: list[Record] = []
    for number, after in enumerate(exports[project]):
        night = (FIRST_NIGHT + timedelta(days=number)).date()
        by_class = churn(before, after)
        changes += [(project, night, name, *count) for name, count in by_class.items()]
        total = sum(len(document["annotations"]) for document in after)
        counts.append((project, night, total, *map(sum, zip(*by_class.values(), strict=True))))
        before = after
    near(answer(filled, "churn_by_night", f"project={project}")[1], changes)
    near(answer(filled, "labels_per_night", f"project={project}")[1], counts)
    last = counts[-1]
    _, documents = answer(filled, "changed_documents", f"project={project}", f"night={last[1]}")
    assert [sum(row[n] for row in documents) for n in (3, 4, 5)] == list(last[3:])
    assert {row[6] for row in documents} == {True}


def test_automation_by_night_is_that_of_each_night_s_export(
    filled: Path, exports: dict[str, list[list[Record]]]
) -> None:
    expected = []
    for number, documents in enumerate(exports["roads"]):
        made = [a["attributes"]["manual_annotation"] for d in documents for a in d["annotations"]]
        night = (FIRST_NIGHT + timedelta(days=number)).date()
        expected.append(
            ("roads", night, len(made), sum(made), len(made) - sum(made), 0, 1 - sum(made) / len(made))
        )
    near(answer(filled, "automation_by_night", "project=roads")[1], expected)


def test_an_earlier_night_can_be_asked(filled: Path, exports: dict[str, list[list[Record]]]) -> None:
    last_of_first_night = answer(filled, "labels_per_class", "project=roads", as_of="ingest:2")[1]
    near(last_of_first_night, ANSWERS["labels_per_class"]("roads", exports["roads"][0]))


@slow
def test_the_answers_about_odd_labels(filled: Path) -> None:
    of = "project=odd"
    assert answer(filled, "near_duplicates", of, "category=a bounding_box")[1] == [
        ("odd", "a", "a", "a bounding_box", "u1", "u0", pytest.approx(19.5 / 20.5))
    ]
    [(*_, iou)] = answer(filled, "near_duplicates", of, "category=a rotatable_bounding_box")[1]
    assert 0.95 < iou < 1
    assert answer(filled, "near_duplicates", of, "min_iou=0.98")[1] == []
    border = answer(filled, "boxes_at_border", of)[1]
    assert [(row[3], row[9]) for row in border] == [("s0", "top"), ("u0", "left")]
    assert len(answer(filled, "boxes_at_border", of, "margin=0.5")[1]) == 3
    [complex_one] = answer(filled, "complex_polygons", of, "min_points=12")[1]
    assert complex_one[4:] == ("a polygon", 2, 12)
    assert answer(filled, "complex_polygons", of, "min_points=13")[1] == []
    outliers = answer(filled, "aspect_ratio_outliers", of)[1]
    assert [(row[3], row[7:]) for row in outliers] == [("u0", (0.25, 1.0, 4.0)), ("u1", (0.25, 1.0, 4.0))]
    assert answer(filled, "relations", of)[1] == [
        ("odd", "#relation", "a bounding_box", "a bounding_box", 1, 1)
    ]
    assert answer(filled, "prediction_scores", of)[1] == [("odd", "a bounding_box", 6, 0.25, 0.75, 0.75, 1)]
    assert answer(filled, "documents_without_labels", of)[1] == [
        ("odd", "export-0.json#2", "empty", "image", 1)
    ]
    shares = answer(filled, "mask_share", of)[1]
    assert [row[1:] for row in shares] == [
        ("a bitmask", 1, 1, 0, 0, 1.0),
        ("a bounding_box", 8, 0, 7, 1, 0.0),
        ("a polygon", 1, 0, 1, 0, 0.0),
        ("a polyline", 1, 0, 1, 0, 0.0),
        ("a rotatable_bounding_box", 2, 0, 2, 0, 0.0),
    ]
    versions = answer(filled, "ontology_versions", of)[1]
    assert [row[5:] for row in versions][1] == (1, ["New"], versions[0][6])
    [late] = answer(filled, "late_changes", of)[1]
    assert (late[3], late[5], late[6], late[9]) == ("u6", "changed", ["manual_annotation"], 8)
    assert answer(filled, "late_changes", of, "min_nights=9")[1] == []
    assert [(row[3], row[5]) for row in answer(filled, "most_changed_labels", of)[1]] == [("u6", 1)]
    assert [row[1:4] for row in answer(filled, "changed_fields", of)[1]] == [("manual_annotation", 1, 1)]
    history = answer(filled, "label_history", "label=u6")[1]
    assert [(row[5], row[12]) for row in history] == [("added", "changed"), ("changed", None)]


def test_the_answers_about_loads(filled: Path) -> None:
    _, [row] = answer(filled, "rejected_sources", "project=odd")
    assert row[0] == "odd"
    assert row[3:] != (None, None)
    _, health = answer(filled, "ingest_health", "project=odd")
    assert [row[2:6] for row in health] == [(1, 0, 0, 1), (1, 1, 0, 0), (1, 1, 0, 0)]
    assert len(answer(filled, "ingest_health", "project=odd", "nights=1")[1]) == 1
    [reason] = answer(filled, "quarantine_reasons", "project=odd")[1]
    assert reason[2:5] == ("annotations", 1, 1)
    assert sum(row[3] for row in answer(filled, "issues_by_code", "project=odd")[1]) > 0
    failing = {row[1] for row in answer(filled, "failing_checks", "project=odd")[1]}
    assert {"near_duplicate_labels", "images_without_labels", "orphan_labels"} <= failing


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["labels_per_clas"], "there is no question labels_per_clas; do you mean labels_per_class?"),
        (["../../etc/passwd"], "there is no question ../../etc/passwd"),
        (["x\ny"], "there is no question 'x\\ny'"),
        (["labels_per_class", "--param", "colour=red"], "there is no parameter colour; it has project"),
        (["labels_per_class", "--param", "project"], "a parameter has no value"),
        (["labels_per_class", "--project", "a", "--param", "project=b"], "project is given twice"),
        (["labels_per_class", "--project", "nowhere"], "there is no such project"),
        (["attribute_values"], "the parameter category (name of the class) is missing"),
        (["crowded_images", "--param", "rows=ten"], "the parameter rows is not a whole number"),
        (["crowded_images", "--param", "rows=-1"], "the parameter rows is out of its range"),
        (["near_duplicates", "--param", "min_iou=nan"], "the parameter min_iou is not a number"),
        (["near_duplicates", "--param", "min_iou=1.5"], "the parameter min_iou is out of its range"),
        (["changed_documents", "--param", "night=yesterday"], "the parameter night is not a date"),
        (["--param", "rows=1"], "a parameter but no question"),
        (["--format", "csv"], "questions are listed as text or JSON"),
    ],
)
def test_a_wrong_call_is_refused_in_one_line(
    arguments: list[str],
    says: str,
    filled: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, said = refused(monkeypatch, capsys, filled, *arguments)
    assert code == 2
    assert says in said


@slow
@pytest.mark.parametrize(
    "value",
    [
        "x' or true --",
        "x'; drop table annotations; --",
        "\"; attach '/tmp/x'; --",
        "null or 1=1",
        "$project",
        "x') union select * from read_text('/etc/passwd') --",
    ],
)
def test_a_parameter_is_a_value_and_never_sql(
    value: str, filled: Path, exports: dict[str, list[list[Record]]]
) -> None:
    assert answer(filled, "attribute_values", f"category={value}")[1] == []
    near(
        answer(filled, "labels_per_class", "project=roads")[1],
        ANSWERS["labels_per_class"]("roads", exports["roads"][-1]),
    )


def test_the_command_writes_every_format(filled: Path, tmp_path: Path) -> None:
    columns, rows = answer(filled, "media_types", "project=roads")
    asked = ["media_types", "--project", "roads"]
    text = run(filled, *asked).output
    assert text.split("\n")[0].split() == columns
    assert [dict(zip(columns, row, strict=True)) for row in rows] == json.loads(
        run(filled, *asked, "--format", "json").output
    )
    assert [columns, *([str(value) for value in row] for row in rows)] == list(
        csv.reader(io.StringIO(run(filled, *asked, "--format", "csv").output))
    )
    path = tmp_path / "answer.parquet"
    assert run(filled, *asked, "--format", "parquet", "--output", str(path)).exit_code == 0
    assert [tuple(row.values()) for row in pq.read_table(path).to_pylist()] == rows


def test_the_list_and_a_description_need_no_warehouse(tmp_path: Path) -> None:
    listed = run(tmp_path / "none").output.splitlines()
    assert [line.split()[0] for line in listed] == NAMES
    assert [entry["name"] for entry in json.loads(run(tmp_path, "--format", "json").output)] == NAMES
    text = run(tmp_path, "near_duplicates", "--describe").output
    assert re.search(r"^  min_iou +overlap, 0\.8 to 1; default 0\.9 \[number\]$", text, re.M)
    assert re.search(r"^  project +project; default null: all \[text\]$", text, re.M)
    assert re.search(r"^  iou +intersection over union of the boxes, 0\.8 to 1; null for", text, re.M)
    entries = json.loads(run(tmp_path, "automation_by_night", "--describe", "--format", "json").output)
    assert entries[0]["needs"] == "labelhouse refresh"


@slow
def test_what_a_question_needs_is_said_where_it_is_not_there(
    load: Load, write: Write, warehouse: Path
) -> None:
    load(write("1.json", [small()]))
    for name, needed in (("class_drift", "labelhouse refresh"), ("failing_checks", "labelhouse check")):
        with pytest.raises(UsageError, match=f"run '{needed}' first"):
            answer(warehouse, name)
    refresh_marts(warehouse)
    notes: list[str] = []
    answer(warehouse, "class_drift", note=notes.append)
    assert notes == []
    load(write("2.json", [small("b")]))
    answer(warehouse, "class_drift", note=notes.append)
    assert len(notes) == 1


MINE = """\
-- How many labels of a class are wide?
-- grain: project
-- columns: project, wide (labels)
-- parameters: least (width, pixels, 0 or more; default 2), loud (whether; default false)
select project, count(*) as wide from labels
where bbox_w >= $least::double and not $loud::boolean
group by all
"""


def own(folder: Path, text: str, name: str = "wide") -> Path:
    (folder / "queries").mkdir(parents=True, exist_ok=True)
    (folder / "queries" / f"{name}.sql").write_text(text)
    return folder


def test_a_question_of_one_s_own_is_listed_and_answered(
    load: Load, write: Write, warehouse: Path, tmp_path: Path
) -> None:
    load(write("1.json", [small()]))
    mine = own(tmp_path / "mine", MINE)
    assert "wide " in run(warehouse, "--sql", str(mine)).output
    done = run(warehouse, "wide", "--sql", str(mine), "--param", "least=3", "--format", "json")
    assert json.loads(done.output) == [{"project": "default", "wide": 3}]
    done = run(warehouse, "wide", "--sql", str(mine), "--param", "least=3.5", "--format", "json")
    assert json.loads(done.output) == []


@slow
@pytest.mark.parametrize(
    ("sql", "kind"),
    some(
        [
            ("select 'x' as project, 1 as wide from read_text('/etc/passwd')", QueryError),
            ("drop table annotations", QueryError),
            ("select 1 as project; select 2", QueryError),
            ("select 'x' as project, 1 as narrow", UsageError),
        ],
        2,
    ),
)
def test_a_question_of_one_s_own_is_confined_and_kept_to_its_header(
    load: Load, write: Write, warehouse: Path, tmp_path: Path, sql: str, kind: type[Exception]
) -> None:
    load(write("1.json", [small()]))
    text = "-- What?\n-- grain: project\n-- columns: project, wide (labels)\n" + sql
    file = question("wide", own(tmp_path / "mine", text))
    with pytest.raises(kind), ask(warehouse, file, {}) as result:
        result.fetchall()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("default 2", "default two", "the parameter least is not a number"),
        ("default 2", "default -1", "the parameter least is out of its range"),
        ("$least::double", "$least::interval", "$least is cast to interval"),
        ("$loud::boolean", "$loud::boolean and $loud::bigint = 1", "$loud is cast to several types"),
    ],
)
def test_a_header_whose_parameters_break_the_form_is_refused(
    tmp_path: Path, old: str, new: str, says: str
) -> None:
    with pytest.raises(UsageError, match=re.escape(says)) as caught:
        question("wide", own(tmp_path, MINE.replace(old, new)))
    assert str(caught.value).startswith(str(tmp_path / "queries" / "wide.sql"))
