import json
import subprocess
import sys
from pathlib import Path

import pytest
from labelhouse import __version__
from labelhouse.cli.app import app
from typer.core import TyperGroup
from typer.main import get_command

from tests.support.command_line import run
from tests.support.exports import unit
from tests.support.sets import slow

ROOT = Path(__file__).parents[2]


def test_ingest_prints_a_line_for_people_and_an_object_for_programs(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps([unit("a")]))
    first = run("ingest", "a.json", "--project", "cars", cwd=tmp_path)
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout.startswith("committed a.json  documents: 1 added; 1 images, 3 annotations; ")
    second = run("ingest", "a.json", "absent.json", "--project", "cars", "--json", cwd=tmp_path)
    assert second.returncode == 1
    same, absent = map(json.loads, second.stdout.splitlines())
    assert list(same) == [
        "source",
        "project",
        "status",
        "ingest_id",
        "documents",
        "rows",
        "quarantined",
        "issues",
        "bytes",
        "seconds",
        "error",
    ]
    assert (same["status"], same["error"], same["bytes"]) == (
        "unchanged",
        None,
        (tmp_path / "a.json").stat().st_size,
    )
    assert absent["status"] == "rejected"
    assert absent["error"] == {
        "code": "SOURCE_NOT_FOUND",
        "message": "absent.json: no such file; check the path",
        "member": None,
        "pointer": None,
        "offset": None,
    }
    assert second.stderr == "labelhouse: SOURCE_NOT_FOUND: absent.json: no such file; check the path\n"
    assert (tmp_path / "warehouse" / "catalog.sqlite").is_file()


def test_the_warehouse_is_given_by_option_or_environment(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps([unit("a")]))
    assert run("--warehouse", "one", "ingest", "a.json", cwd=tmp_path).returncode == 0
    assert run("ingest", "a.json", cwd=tmp_path, LABELHOUSE_WAREHOUSE="two").returncode == 0
    for name in ("one", "two"):
        done = run(
            "--warehouse",
            name,
            "query",
            "select count(*) as n from labels",
            "--format",
            "csv",
            cwd=tmp_path,
        )
        assert (done.returncode, done.stdout) == (0, "n\n3\n")
    piped = subprocess.run(
        [sys.executable, "-m", "labelhouse", "--warehouse", "one", "query", "-", "--format", "json"],
        cwd=tmp_path,
        input="select 1 as x",
        capture_output=True,
        text=True,
    )
    assert json.loads(piped.stdout) == [{"x": 1}]
    status = json.loads(run("--warehouse", "one", "status", "--json", cwd=tmp_path).stdout)
    assert status["tables"]["annotations"] == 3
    assert status["projects"] == [{"project": "default", "documents": 1, "images": 1, "annotations": 3}]
    assert "last ingests" in run("--warehouse", "one", "status", cwd=tmp_path).stdout


@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        (["query", "select 1"], 2, "no warehouse here"),
        (["status"], 2, "no warehouse here"),
        (["ingest"], 2, "Missing argument"),
        (["ingest", "x", "--jobs", "0"], 2, "--jobs"),
        (["ingest", "x", "--max-bad", "2"], 2, "--max-bad"),
        (["nonsense"], 2, "No such command"),
        (["--warehouse", "file/below", "ingest", "x"], 2, "the warehouse folder cannot be made"),
    ],
)
def test_wrong_usage_ends_with_2_and_no_traceback(
    tmp_path: Path, arguments: list[str], code: int, line: str
) -> None:
    (tmp_path / "file").write_text("")
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == code
    assert line in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "warehouse").exists()


def test_a_query_that_fails_ends_with_1_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps([unit("a")]))
    run("ingest", "a.json", cwd=tmp_path)
    for sql in ("select nothing from labels", "drop table annotations", "select error('x\ny')"):
        done = run("query", sql, cwd=tmp_path)
        assert done.returncode == 1
        # The place in the statement follows, where DuckDB knows it.
        first, *place = done.stderr.splitlines()
        assert first.startswith("labelhouse: QUERY_")
        assert [line.strip() for line in place] in ([], [f"LINE 1: {sql}", "^"])


def test_version_is_the_package_s(tmp_path: Path) -> None:
    assert run("--version", cwd=tmp_path).stdout == f"labelhouse {__version__}\n"


def test_the_guides_name_every_command_and_option() -> None:
    generated = ("commands.md", "data-model.md", "questions.md")
    guides = [path for path in (ROOT / "docs").glob("*.md") if path.name not in generated]
    pages = (ROOT / "README.md", ROOT / "deployments" / "README.md", *guides)
    text = "\n".join(path.read_text(encoding="utf-8") for path in pages)
    command = get_command(app)
    assert isinstance(command, TyperGroup)
    for name, sub in command.commands.items():
        assert f"labelhouse {name}" in text or f"`{name}" in text, name
        for parameter in sub.params:
            for option in parameter.opts:
                if option.startswith("--"):
                    assert option in text, f"{name} {option}"


def test_importing_the_package_loads_neither_duckdb_nor_prefect() -> None:
    loaded = (
        "import sys, labelhouse, labelhouse.cli.app;"
        "print({'duckdb', 'pyarrow', 'prefect'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True)
    assert done.stdout == "set()\n"


@slow
def test_both_readers_load_the_same_labels(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps([unit("a"), unit("b", labels=5)]))
    rows = []
    for reader in ("bulk", "ijson"):
        loaded = run("--warehouse", reader, "ingest", "a.json", "--reader", reader, cwd=tmp_path)
        assert (loaded.returncode, loaded.stderr) == (0, "")
        sql = "select * exclude (ingest_id) from labels order by document_key, position"
        rows.append(run("--warehouse", reader, "query", sql, "--format", "json", cwd=tmp_path).stdout)
    assert rows[0] == rows[1]
    assert len(json.loads(rows[0])) == 8
