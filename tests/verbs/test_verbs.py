"""The public face: verbs of one form, loaded when they are called, and documented by examples that run."""

import dataclasses
import inspect
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import labelhouse
import pytest
from labelhouse import verbs
from labelhouse.cli.sample import write_sample

from tests.support.sets import slow, some

PAGE = Path(__file__).parents[2] / "docs" / "python.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
FIRST = {"night": "configuration"}
"""A configuration names the warehouse."""
FUNCTIONS = [name for name in verbs.VERBS if name not in ("connect", "dataset")]


def test_there_are_nineteen_verbs_and_all_are_exported() -> None:
    assert len(verbs.VERBS) == 20
    assert {*verbs.VERBS, "IngestSession", "LabelhouseError", "__version__"} == set(labelhouse.__all__)
    assert set(labelhouse.__all__) == set(dir(labelhouse))
    for name in labelhouse.__all__:
        assert getattr(labelhouse, name) is not None


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_verb_has_the_form(name: str) -> None:
    verb = getattr(labelhouse, name)
    parameters = list(inspect.signature(verb).parameters.values())
    assert parameters[0].name == FIRST.get(name, "warehouse")
    positional = [p.name for p in parameters if p.kind is not inspect.Parameter.KEYWORD_ONLY]
    assert len(positional) <= 2, positional
    assert all(
        p.default is not inspect.Parameter.empty
        for p in parameters
        if p.kind is inspect.Parameter.KEYWORD_ONLY
    )
    assert str(inspect.signature(verb).return_annotation).strip("'").endswith("Result")
    assert "Raises" in verb.__doc__ or "raises" in verb.__doc__


def test_importing_the_package_and_naming_its_verbs_loads_nothing_large() -> None:
    code = (
        "import sys, labelhouse; [getattr(labelhouse, name) for name in labelhouse.__all__ "
        "if name not in ('connect', 'dataset', 'IngestSession')]; "
        "print({'duckdb', 'pyarrow', 'numpy', 'prefect', 'matplotlib'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("set()\n", "")


def test_what_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'load'"):
        _ = labelhouse.load


def test_each_verb_has_an_example() -> None:
    used = set(re.findall(r"labelhouse\.(\w+)\(", "".join(BLOCKS)))
    assert used >= set(verbs.VERBS)


@slow
def test_the_examples_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write_sample(tmp_path / "export.zip")
    names: dict[str, object] = {}
    for block in BLOCKS:
        exec(block, names)
    assert capsys.readouterr().out.startswith("export.zip committed 29\n")
    back = json.loads((tmp_path / "back.json").read_text())
    assert len(back["annotations"]) == 29


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("verbs")
    write_sample(place / "export.zip")
    labelhouse.ingest(place / "warehouse", place / "export.zip", project="harbour")
    labelhouse.refresh(place / "warehouse")
    return place / "warehouse"


class Result(Protocol):
    def as_json(self) -> dict[str, object]: ...


CALLS: dict[str, Callable[[Path, Path], Result]] = {
    "ask": lambda w, t: labelhouse.ask(w, "labels_per_class", values=["project=harbour"]),
    "changes": lambda w, t: labelhouse.changes(w),
    "check": lambda w, t: labelhouse.check(w),
    "compare": lambda w, t: labelhouse.compare(
        w, project="harbour", as_of="ingest:1", with_as_of=str(labelhouse.status(w).snapshot["snapshot_id"])
    ),
    "export": lambda w, t: labelhouse.export(w, t / "out.zip", project="harbour"),
    "forget": lambda w, t: labelhouse.forget(w, "anna@example.com", dry_run=True),
    "ingest": lambda w, t: labelhouse.ingest(w, w.with_name("export.zip"), project="harbour"),
    "maintain": lambda w, t: labelhouse.maintain(w, dry_run=True),
    "migrate": lambda w, t: labelhouse.migrate(w),
    "night": lambda w, t: labelhouse.night(night_of(w)),
    "publish": lambda w, t: labelhouse.publish(w, t / "labels.duckdb"),
    "query": lambda w, t: labelhouse.query(w, "select * from images"),
    "refresh": lambda w, t: labelhouse.refresh(w),
    "report": lambda w, t: labelhouse.report(w, t / "r.html", project="harbour"),
    "status": lambda w, t: labelhouse.status(w),
    "verify": lambda w, t: labelhouse.verify(w),
}


def night_of(warehouse: Path) -> Path:
    """Write the configuration of a night that loads the sample."""
    file = warehouse.with_name("sources.toml")
    source = f'[[source]]\nproject = "harbour"\npath = "{warehouse.with_name("export.zip")}"\n'
    file.write_text(f'warehouse = "{warehouse}"\n{source}')
    return file


COSTLY = {"check", "forget", "maintain", "migrate", "night", "publish", "report", "verify"}
"""Verbs whose results the short set has from the examples alone."""


@pytest.mark.parametrize("name", some(sorted(CALLS, key=COSTLY.__contains__), len(CALLS) - len(COSTLY)))
def test_a_result_is_json(warehouse: Path, tmp_path: Path, name: str) -> None:
    result = CALLS[name](warehouse, tmp_path)
    values = result.as_json()
    assert json.loads(json.dumps(values)) == values
    if dataclasses.is_dataclass(result):
        assert vars(type(result))["__dataclass_params__"].frozen
    assert type(result).__name__.endswith("Result")


def test_rows_come_without_a_block_and_errors_are_ours(warehouse: Path) -> None:
    rows = labelhouse.query(warehouse, "select count(*) as n from labels")
    assert (rows.columns, rows.fetchone(), rows.fetchone()) == (["n"], (29,), None)
    rows.close()
    with pytest.raises(labelhouse.LabelhouseError) as raised:
        labelhouse.query(warehouse, "select error('so it goes') from labels").fetchall()
    assert raised.value.code == "QUERY_FAILED"
    with pytest.raises(labelhouse.LabelhouseError, match="only"):
        labelhouse.query(warehouse, "drop table images")


def test_a_question_takes_values_by_name_or_as_texts(warehouse: Path) -> None:
    by_name = labelhouse.ask(warehouse, "labels_per_class", values={"project": "harbour"}).fetchall()
    assert by_name == labelhouse.ask(warehouse, "labels_per_class", values=["project=harbour"]).fetchall()
    with pytest.raises(labelhouse.LabelhouseError, match="there is no parameter colour"):
        labelhouse.ask(warehouse, "labels_per_class", values={"colour": 1})


@slow
def test_a_session_serves_several_ingests(warehouse: Path, tmp_path: Path) -> None:
    reports: list[labelhouse.IngestReport] = []
    with labelhouse.IngestSession(tmp_path / "w") as session:
        for project in ("one", "two"):
            labelhouse.ingest(
                session, [warehouse.with_name("export.zip")], project=project, on_report=reports.append
            )
    assert [report.row["project"] for report in reports] == ["one", "two"]
    assert labelhouse.status(tmp_path / "w").tables["annotations"] == 58


def test_a_rejected_source_is_part_of_the_result(tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text("{}")
    result = labelhouse.ingest(tmp_path / "w", tmp_path / "bad.json")
    [rejected] = result.rejected
    assert rejected.error is not None
    [source] = json.loads(json.dumps(result.as_json()))["sources"]
    assert source["error"]["code"] == rejected.error.code.value
