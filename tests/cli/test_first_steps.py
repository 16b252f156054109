"""What a newcomer types: it works, or one line says what to do."""

import json
from pathlib import Path

import pytest

from tests.support.command_line import run
from tests.support.exports import unit
from tests.support.sets import slow, some


def test_a_first_load_that_is_rejected_makes_no_warehouse(tmp_path: Path) -> None:
    (tmp_path / "cut.json").write_text(json.dumps([unit("a")])[:-9])
    (tmp_path / "empty").mkdir()
    for sources, says in (
        (["nothing.zip", "cut.json"], "no such file; check the path"),
        (["ftp://example.org/a.zip"], "ftp: addresses are not read"),
        (["empty/*.json"], "no file matches the pattern"),
        (["empty"], "no .json, .zip or .gz file is in this folder"),
    ):
        for warehouse in ("absent", "empty"):
            done = run("ingest", *sources, "--warehouse", warehouse, cwd=tmp_path)
            assert done.returncode == 1
            assert says in done.stderr
            assert not (tmp_path / "absent").exists()
            assert list((tmp_path / "empty").iterdir()) == []
            if sources != ["nothing.zip", "cut.json"]:
                break
    # One source that is good is enough, and then a rejected one is on record.
    (tmp_path / "whole.json").write_text(json.dumps([unit("a")]))
    run("ingest", "cut.json", "whole.json", cwd=tmp_path)
    run("ingest", "nothing.zip", cwd=tmp_path)
    rows = run("query", "select status from ingests order by 1", "--format", "csv", cwd=tmp_path).stdout
    assert rows == "status\ncommitted\nrejected\nrejected\n"


@slow
def test_commands_say_what_they_wrote_and_find_what_is_meant(tmp_path: Path) -> None:
    documents = [unit("a"), unit("b")]
    documents[1]["annotations"][0]["area"] = -5.0
    documents[1]["annotations"][0]["image_id"] = 99
    (tmp_path / "labels.json").write_text(json.dumps(documents))
    loaded = run("ingest", "labels.json", "--project", "cars", "--warehouse", "w 1", cwd=tmp_path)
    [hint] = [line for line in loaded.stdout.splitlines() if "see them" in line]
    count, command = hint.partition(" issues: see them with labelhouse ")[::2]
    assert command == "--warehouse 'w 1' ask issues_by_code"
    asked = run("ask", "issues_by_code", "--warehouse", "w 1", "--format", "json", cwd=tmp_path)
    assert sum(row["issue_count"] for row in json.loads(asked.stdout)) == int(count)

    def w(*arguments: str) -> tuple[int, str, str]:
        done = run("--warehouse", "w 1", *arguments, cwd=tmp_path)
        return done.returncode, done.stdout, done.stderr

    sql = "select label_id, category_name, document_title from labels order by all"
    chosen = ("--columns", "document_title,label_id", "--format", "csv", "--output", "o.csv")
    code, out, said = w("query", sql, *chosen)
    lines = (tmp_path / "o.csv").read_text().splitlines()
    size = (tmp_path / "o.csv").stat().st_size
    assert (code, out, said) == (0, "", f"o.csv: {len(lines) - 1} rows, {size} B\n")
    assert lines[0] == "document_title,label_id"
    code, _, said = w("query", sql, "--columns", "document_tile")
    assert code == 2
    assert "there is no column document_tile; do you mean document_title?" in said
    # The only project is the one to export; documents go by their titles, too.
    title = lines[1].partition(",")[0]
    assert w("export", "all.json")[0] == 0
    assert len(json.loads((tmp_path / "all.json").read_text())) == 2
    code, _, said = w("export", "one.json", "--documents", title)
    assert (code, said.startswith("one.json: ")) == (0, True)
    run("ingest", "labels.json", "--project", "boats", "--warehouse", "w 1", cwd=tmp_path)
    assert w("export", "all.json")[2] == (
        "labelhouse: USAGE: the warehouse has 2 projects; choose one with --project: boats, cars\n"
    )
    code, out, _ = w("query", "SHOW  tables;", "--format", "csv")
    names = [line.partition(",")[0] for line in out.splitlines()]
    assert {"labels", "documents", "class_balance"} < set(names)
    assert not {name for name in names if name.startswith("mart_") or name in ("fence", "label_ids")}


@pytest.mark.parametrize(
    ("sql", "says", "where"),
    some(
        [
            ("select 1 +\n  é + / 2 from labels", "Parser Error", "/ 2 from labels"),
            ("select category from labels", 'Candidate bindings: "category_', "category from labels"),
            ("select * from label", 'Did you mean "labels"?', "label"),
            ("select 'é' ||\n  'é' from", "Parser Error", ""),
        ]
    ),
)
def test_an_error_of_sql_says_what_was_meant_and_where(
    sql: str, says: str, where: str, warehouse_of_one: Path
) -> None:
    done = run("query", sql, "--warehouse", warehouse_of_one)
    first, line, mark = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (1, "")
    assert says in first
    assert line == f"LINE {1 + sql.count(chr(10))}: {sql.splitlines()[-1]}"
    assert (mark.strip(), line[mark.index("^") :]) == ("^", where)


@pytest.fixture(scope="module")
def warehouse_of_one(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("one")
    (folder / "a.json").write_text(json.dumps([unit("a")]))
    run("ingest", "a.json", cwd=folder)
    return folder / "warehouse"
