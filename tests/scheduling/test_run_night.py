"""`labelhouse night` does a whole night without a scheduler: order, retries, verdict, exit code."""

import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import labelhouse
import pytest
from labelhouse import connect
from labelhouse.errors import UsageError
from labelhouse.scheduling.run_night import NightResult

from tests.support.command_line import run
from tests.support.exports import unit
from tests.support.sets import slow

Lines = list[tuple[int, str]]


def configure(folder: Path, *tables: str, top: str = "", **documents: object) -> Path:
    """Write a configuration and its exports; a document that is a text is written as it is."""
    (folder / "exports").mkdir(exist_ok=True)
    for name, document in documents.items():
        text = document if isinstance(document, str) else json.dumps(document)
        (folder / "exports" / f"{name}.json").write_text(text, encoding="utf-8")
    file = folder / "sources.toml"
    file.write_text(top + "\n" + "\n".join(f"[[source]]\n{table}" for table in tables), encoding="utf-8")
    return file


def statuses(result: NightResult) -> list[tuple[str, str, str]]:
    return [(Path(row["source"]).name, row["project"], row["status"]) for row in result.sources]


def test_a_night_loads_checks_and_publishes_and_the_next_one_has_nothing_new(tmp_path: Path) -> None:
    tables = ('path = "exports/a.json"\nproject = "street"', 'path = "exports/b.json"')
    file = configure(tmp_path, *tables, a=[unit("a1"), unit("a2")], b=unit("b", 5))
    lines: Lines = []
    result = labelhouse.night(file, on_line=lambda level, line: lines.append((level, line)))
    assert (result.state, result.exit_code, result.message) == ("completed", 0, "2 committed")
    assert statuses(result) == [("a.json", "street", "committed"), ("b.json", "default", "committed")]
    assert result.label_changes == (
        {"project": "default", "category": "Car", "added": 5, "removed": 0, "changed": 0},
        {"project": "street", "category": "Car", "added": 6, "removed": 0, "changed": 0},
    )
    assert len(result.checks) > 10
    warehouse = tmp_path / "warehouse"
    assert result.warehouse == str(warehouse)
    with duckdb.connect(str(warehouse / "published" / "labels.duckdb"), read_only=True) as published:
        counts = published.execute(
            "select project, sum(label_count) from class_balance group by 1 order by 1"
        )
        assert counts.fetchall() == [("default", 5), ("street", 6)]
    record = json.loads((warehouse / "published" / "night-sources.json").read_text())
    assert (record["state"], record["message"]) == ("Completed", "2 committed")
    assert [line.split(":")[0] for level, line in lines if level == logging.INFO][:3] == [
        "street",
        "default",
        "marts",
    ]
    assert json.loads(json.dumps(result.as_json())) == result.as_json()

    again = labelhouse.night(file)
    assert (again.exit_code, again.message) == (0, "2 unchanged; nothing new")
    assert again.label_changes == ()


@slow
def test_what_is_rejected_is_told_and_the_others_are_loaded(tmp_path: Path) -> None:
    (tmp_path / "dated").mkdir()
    for day in (1, 2):
        (tmp_path / "dated" / f"labels_{day}.json").write_text(json.dumps(unit("d")))
    file = configure(
        tmp_path,
        'path = "exports/missing.zip"',
        # Two files of one document: nothing says which one to load.
        'path = "dated"\nproject = "dated"\ndocument = "labels_*.json"',
        'path = "exports/a.json"\nproject = "good"',
        a=unit("a"),
        top="retry_minutes = []",
    )
    result = labelhouse.night(file)
    assert (result.state, result.exit_code) == ("failed", 1)
    assert result.message.startswith(
        f"1 committed, 2 rejected; first: {tmp_path / 'exports'}/missing.zip: no"
    )
    assert [status for _, _, status in statuses(result)] == ["rejected", "rejected", "committed"]
    assert "labels_1.json" in result.sources[1]["error"]
    with connect(tmp_path / "warehouse") as connection:
        assert connection.execute("select project, count(*) from labels group by 1").fetchall() == [
            ("good", 3)
        ]
    allowed = labelhouse.night(file, allow_rejected=True)
    assert (allowed.state, allowed.exit_code) == ("completed", 0)
    assert allowed.message == "2 rejected, 1 unchanged"


@pytest.fixture
def growing(tmp_path: Path) -> tuple[Path, Callable[[int, str], None], Lines]:
    """An export that is still being written, and is whole when a night tries it again."""
    text = json.dumps(unit("a"))
    file = configure(
        tmp_path, 'path = "exports/a.json"', top="retry_minutes = [0.0001, 0.001]", a=text[:-9]
    )
    lines: Lines = []

    def on_line(level: int, line: str) -> None:
        lines.append((level, line))
        if level == logging.WARNING:
            (tmp_path / "exports" / "a.json").write_text(text)

    return file, on_line, lines


@slow
def test_what_may_pass_is_tried_again(growing: tuple[Path, Callable[[int, str], None], Lines]) -> None:
    file, on_line, lines = growing
    result = labelhouse.night(file, on_line=on_line)
    assert (result.exit_code, result.message) == (0, "1 committed")
    [warning] = [line for level, line in lines if level == logging.WARNING]
    assert warning.startswith("load default: tried again in 0.0001 min: ")


@slow
def test_a_warehouse_that_cannot_be_written_fails_the_night_whatever_is_allowed(tmp_path: Path) -> None:
    file = configure(tmp_path, 'path = "exports/a.json"', a=unit("a"))
    (tmp_path / "warehouse").write_text("a file, not a folder")
    result = labelhouse.night(file, allow_rejected=True)
    assert (result.state, result.exit_code) == ("failed", 2)
    assert result.message.startswith(f"1 failed; first: {tmp_path / 'warehouse'}: ")


@slow
def test_a_source_that_brings_nothing_for_nights_is_named(tmp_path: Path) -> None:
    tables = ('path = "exports/a.json"', 'path = "exports/b.json"\nproject = "b"\nquiet_nights = 9')
    file = configure(tmp_path, *tables, top="quiet_nights = 7", a=unit("a"), b=unit("b"))
    labelhouse.night(file)
    record = tmp_path / "warehouse" / "published" / "night-sources.json"

    def nights_ago(nights: int) -> None:
        values = json.loads(record.read_text())
        then = datetime.now(UTC) - timedelta(days=nights, minutes=-5)
        values["news_at"] = dict.fromkeys(values["news_at"], then.isoformat())
        record.write_text(json.dumps(values))

    nights_ago(6)
    assert labelhouse.night(file).message == "2 unchanged; nothing new"
    nights_ago(7)
    quiet = f"nothing new for 7 nights: default ({tmp_path / 'exports' / 'a.json'})"
    assert labelhouse.night(file).message == f"2 unchanged; nothing new; {quiet}"
    # Something new, and the count begins again.
    (tmp_path / "exports" / "a.json").write_text(json.dumps(unit("a", 4)))
    assert labelhouse.night(file).message == "1 committed, 1 unchanged"
    assert labelhouse.night(file).message == "2 unchanged; nothing new"


@slow
def test_the_command_says_it_and_its_exit_code_tells(tmp_path: Path) -> None:
    outside = unit("a", labels=1)
    outside["annotations"][0]["bbox"] = [-5.0, 2.0, 3.0, 4.0]
    configure(tmp_path, 'path = "exports/a.json"', a=outside)
    done = run("night", "--fail-on", "error", cwd=tmp_path)
    checks = "failed checks: boxes_outside_image; 1 check of severity error fails with 1 row"
    last = f"failed: 1 committed; {checks}"
    assert (done.returncode, done.stdout.splitlines()[-1]) == (1, last)
    done = run("--warehouse", "other", "night", "sources.toml", "--json", cwd=tmp_path)
    assert done.returncode == 0
    result = json.loads(done.stdout)
    assert (result["warehouse"], result["state"]) == (str(tmp_path / "other"), "completed")
    assert (tmp_path / "other" / "published" / "labels.duckdb").is_file()
    done = run("night", "nowhere.toml", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith(
        f"labelhouse: USAGE: {tmp_path / 'nowhere.toml'}: the configuration cannot"
    )


@pytest.mark.parametrize(
    ("top", "message"),
    [
        ("retry_minutes = 5", "retry_minutes is not a list of numbers; write retry_minutes = [1, 5, 15]"),
        ("retry_minutes = [1, -5]", "retry_minutes is not a list of numbers"),
        ("retry_minutes = [true]", "retry_minutes is not a list of numbers"),
        ("retry_minutes = [inf]", "retry_minutes is not a list of numbers"),
        ("quiet_nights = 0", "quiet_nights is not a number of nights; write quiet_nights = 7"),
        ("quiet_nights = true", "quiet_nights is not a number of nights"),
    ],
)
def test_a_wrong_setting_is_refused(tmp_path: Path, top: str, message: str) -> None:
    file = configure(tmp_path, 'path = "a"', top=top)
    with pytest.raises(UsageError, match=message.replace("[", r"\[")):
        labelhouse.night(file)
    assert not (tmp_path / "warehouse").exists()
