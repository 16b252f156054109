"""The header of a SQL file is its contract: parsed, and held to the catalog in both directions."""

import json
import re
from pathlib import Path

import pytest
from labelhouse import connect
from labelhouse.cli.app import app
from labelhouse.errors import UsageError
from labelhouse.lake.definitions import definitions
from labelhouse.sql_library.headers import Header, header, parse_header
from labelhouse.sql_library.named_sql import kept_to_columns, sql_files
from labelhouse.sql_library.statements import public_names, public_statement
from typer.testing import CliRunner

from tests.support.aliases import Load, Write
from tests.support.exports import unit

LIST_FORM = """\
-- Boxes that lie outside.
-- They tell of a tool's mistake.
-- grain: label
-- columns: frame (number, from 0), what (in words (mostly)),
--   outside_px (how far, pixels)
-- parameters: tolerance (pixels)
-- severity: error
-- explanation: Mend them
--   in the tool.
select 1;
"""
LINE_FORM = """\
-- Boxes.
-- columns:
--   severity: how bad, a number: 1 or 2
--   what: in words, which may
--     go on
select 1;
"""


def test_a_list_of_names_with_meanings_is_parsed() -> None:
    assert parse_header("boxes", LIST_FORM, "boxes.sql") == Header(
        name="boxes",
        summary="Boxes that lie outside. They tell of a tool's mistake.",
        grain="label",
        columns=(
            ("frame", "number, from 0"),
            ("what", "in words (mostly)"),
            ("outside_px", "how far, pixels"),
        ),
        parameters=(("tolerance", "pixels"),),
        severity="error",
        explanation="Mend them in the tool.",
    )


def test_a_name_and_a_meaning_a_line_are_parsed() -> None:
    assert parse_header("boxes", LINE_FORM, "boxes.sql").columns == (
        ("severity", "how bad, a number: 1 or 2"),
        ("what", "in words, which may go on"),
    )


def test_columns_of_a_table_are_taken_over() -> None:
    parsed = parse_header("x", "-- X.\n-- columns: project, those of label_ids\n", "x.sql")
    assert [name for name, _ in parsed.columns] == [
        "project",
        "document_key",
        "annotation_position",
        "label_id",
    ]
    assert parsed.columns[0][1] == "Project the document was loaded into."


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("select 1", "does not begin with a comment"),
        ("-- grain: label\nselect 1", "does not say what the SQL answers"),
        ("-- X.\n-- grain: a\n-- grain: b\n", "has 'grain:' twice"),
        ("-- X.\n-- severity: bad\n", "severity is not error, warning or info"),
        ("-- X.\n-- columns: a (one), a (two)\n", "columns names a twice"),
        ("-- X.\n-- columns: a and b\n", "columns does not have the form"),
        ("-- X.\n-- columns: those of nothing\n", "there is no table nothing"),
    ],
)
def test_a_broken_header_is_refused_in_one_line(text: str, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_header("x", text, "mine/x.sql")
    assert str(caught.value).startswith("mine/x.sql: ")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.fixture(scope="module")
def views(one_unit: Path) -> dict[str, tuple[list[str], str]]:
    """The columns of each view of the catalog, in their order, and its comment."""
    with connect(one_unit) as connection:
        rows = connection.execute(
            "select view_name, any_value(views.comment), list(column_name order by column_index) "
            "from duckdb_views() as views join duckdb_columns() as columns "
            "on columns.database_name = views.database_name and columns.table_name = view_name "
            "where views.database_name = 'lake' group by all"
        ).fetchall()
    return {name: (columns, comment) for name, comment, columns in rows}


@pytest.mark.parametrize("path", public_names("views"))
def test_a_view_s_header_describes_its_columns_and_no_others(
    path: str, views: dict[str, tuple[list[str], str]]
) -> None:
    parsed = header(path)
    assert parsed.grain
    columns, comment = views[parsed.name]
    assert [name for name, _ in parsed.columns] == columns
    assert [name for name, meaning in parsed.columns if not meaning] == []
    assert comment == parsed.comment


def test_every_view_and_macro_of_the_catalog_has_a_file_and_every_file_is_there(
    load: Load, write: Write, warehouse: Path
) -> None:
    load(write("1.json", [unit()]))
    with connect(warehouse) as connection:
        views = connection.execute(
            "select view_name from duckdb_views() where database_name = 'lake' order by all"
        ).fetchall()
        macros = connection.execute(
            "select function_name, parameters from duckdb_functions() where database_name = 'lake' "
            "order by all"
        ).fetchall()
    assert [f"views/{name}" for (name,) in views] == public_names("views")
    assert [f"macros/{name}" for name, _ in macros] == public_names("macros")
    for name, parameters in macros:
        parsed = header(f"macros/{name}")
        assert [parameter for parameter, _ in parsed.parameters] == parameters
        assert [parameter for parameter, meaning in parsed.parameters if not meaning] == []
        assert parsed.returns


def test_the_table_definitions_tells_what_everything_means(
    load: Load, write: Write, warehouse: Path
) -> None:
    load(write("1.json", [unit()]))
    with connect(warehouse) as connection:
        rows = connection.execute("select kind, name, item, meaning from definitions").fetchall()
    expected = [
        (row["kind"], row["name"], row["item"], row["meaning"]) for d in definitions() for row in d.rows()
    ]
    assert sorted(rows, key=str) == sorted(expected, key=str)
    assert all(meaning for *_, meaning in rows)


def test_a_file_of_one_s_own_is_found_beside_the_project_s(tmp_path: Path) -> None:
    (tmp_path / "checks").mkdir()
    (tmp_path / "checks" / "zz_mine.sql").write_text(LIST_FORM.replace("select 1", "select $tolerance"))
    assert [file.name for file in sql_files("checks", tmp_path)][-1] == "zz_mine"
    assert [file.name for file in sql_files("checks", tmp_path)][:-1] == [
        file.name for file in sql_files("checks")
    ]


@pytest.mark.parametrize(
    ("line", "other", "says"),
    [
        ("-- severity: error\n", "", "the header has no 'severity:'"),
        ("-- grain: label\n", "", "the header has no 'grain:'"),
        ("what (in words (mostly))", "what2", "does not say what what2 means"),
        ("-- parameters: tolerance (pixels)\n", "", "does not name the parameter tolerance"),
        ("$tolerance", "1", "the SQL has no $tolerance"),
    ],
)
def test_a_file_of_one_s_own_that_breaks_the_contract_is_refused_in_one_line(
    tmp_path: Path, line: str, other: str, says: str
) -> None:
    text = LIST_FORM.replace("select 1", "select $tolerance")
    assert line in text
    (tmp_path / "checks").mkdir()
    path = tmp_path / "checks" / "mine.sql"
    path.write_text(text.replace(line, other))
    with pytest.raises(UsageError, match=re.escape(says)) as caught:
        sql_files("checks", tmp_path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_a_folder_that_is_not_there_and_a_name_that_is_none_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no folder checks in it"):
        sql_files("checks", tmp_path)
    (tmp_path / "checks").mkdir()
    (tmp_path / "checks" / "My check.sql").write_text(LIST_FORM)
    with pytest.raises(UsageError, match="the file's name is not a name for SQL"):
        sql_files("checks", tmp_path)


def test_a_result_with_other_columns_than_the_header_s_is_refused(tmp_path: Path) -> None:
    (tmp_path / "checks").mkdir()
    (tmp_path / "checks" / "zz_mine.sql").write_text(LIST_FORM.replace("select 1", "select $tolerance"))
    file = sql_files("checks", tmp_path)[-1]
    kept_to_columns(file, ["frame", "what", "outside_px"])
    with pytest.raises(
        UsageError, match="names the columns frame, what, outside_px, the result has frame;"
    ):
        kept_to_columns(file, ["frame"])


def test_each_file_s_name_is_the_name_of_what_it_makes() -> None:
    for folder, kind in (("views", "view"), ("macros", "macro")):
        for path in public_names(folder):
            name = path.rpartition("/")[2]
            assert re.search(rf"^create or replace {kind} {name}\b", public_statement(path), re.M), path


def test_the_page_of_contributing_makes_a_check_in_five_minutes(
    tmp_path: Path, load: Load, write: Write, warehouse: Path
) -> None:
    """Do what the page says: write the file from its own example, run the command that it names."""
    page = (Path(__file__).parents[2] / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = page[page.index("## Add a check") : page.index("## Add a question")]
    [example] = re.findall(r"```sql\n(.*?)```", section, re.DOTALL)
    [place] = set(re.findall(r"`mine/(checks/\w+\.sql)`", section))
    assert "`labelhouse check --sql mine`" in section
    path = tmp_path / "mine" / place
    path.parent.mkdir(parents=True)
    path.write_text(example, encoding="utf-8")
    document = unit(labels=3)
    document["annotations"][1]["bbox"] = [1.0, 2.0, 3.0, 40.0]
    document["annotations"][2]["bbox"] = [1.0, 2.0, 1.0, 40.0]
    load(write("1.json", [document]))
    arguments = [
        "--warehouse",
        str(warehouse),
        "check",
        "--sql",
        str(tmp_path / "mine"),
        "--format",
        "json",
    ]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0
    [result] = [entry for entry in json.loads(done.output) if entry["check"] == path.stem]
    assert (result["severity"], result["error"]) == ("warning", None)
    assert [(row["annotation_position"], row["what"]) for row in result["rows"]] == [
        (0, "box of 3.0 x 4.0")
    ]
