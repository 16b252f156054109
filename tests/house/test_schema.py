"""The schema is the one source: catalog, Parquet files, SQL and docs say what it says."""

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import duckdb
import labelhouse
import pyarrow.parquet as pq
import pytest
from labelhouse import connect
from labelhouse.reason_codes import ReasonCode
from labelhouse.schema import warehouse_tables
from labelhouse.schema.label_row_tables import LABEL_ROW_TABLES, ONTOLOGY
from labelhouse.sql_library.statements import public_names, public_statement, statement

from tests.support.aliases import Load, Write
from tests.support.exports import unit

PACKAGE = Path(labelhouse.__file__).parent
ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "sql").rglob("*.sql"))


@pytest.fixture
def filled(write: Write, load: Load, warehouse: Path) -> Path:
    document = unit("a")
    document["annotations"][0]["keypoints"] = [1.5, 2.5, 2]
    document["annotations"][1]["bbox"] = [1]
    document["annotations"][2]["category_id"] = None
    load(write("1.json", [document]))
    return warehouse


def test_every_table_and_column_of_the_catalog_is_the_schema_s(filled: Path) -> None:
    with connect(filled) as connection:
        columns = connection.execute(
            "select table_name, column_name, data_type, comment from duckdb_columns() "
            "where database_name = 'lake' and table_name in "
            "(select table_name from duckdb_tables() where database_name = 'lake') "
            "order by table_name, column_index"
        ).fetchall()
        tables = connection.execute(
            "select table_name, comment from duckdb_tables() where database_name = 'lake' order by all"
        ).fetchall()
    expected = sorted(warehouse_tables.TABLES, key=lambda table: table.name)
    kinds = {"TIMESTAMPTZ": "TIMESTAMP WITH TIME ZONE"}
    assert columns == [
        (table.name, column.name, kinds.get(column.sql_type, column.sql_type), column.comment)
        for table in expected
        for column in table.columns
    ]
    assert tables == [(table.name, f"One row per {table.grain}.") for table in expected]


def test_every_staged_file_has_the_schema_and_its_encodings(filled: Path) -> None:
    names = {"delta": "DELTA_BINARY_PACKED"}
    seen = set()
    for table in warehouse_tables.STAGED_TABLES:
        for path in (filled / "data" / "main" / table.name).glob("[0-9]*.parquet"):
            seen.add(table.name)
            file = pq.ParquetFile(path)
            assert file.schema_arrow.names == table.arrow.names
            assert [str(f.type).replace("element:", "item:") for f in file.schema_arrow] == [
                str(f.type).replace("element:", "item:") for f in table.arrow
            ]
            group = file.metadata.row_group(0)
            assert len(group.sorting_columns) == len(table.sorted_by)
            for index in range(group.num_columns):
                chunk = group.column(index)
                column = next(c for c in table.columns if c.name == chunk.path_in_schema.split(".")[0])
                assert chunk.compression == "ZSTD"
                assert chunk.has_dictionary_page == (column.encoding == "dictionary")
                if column.encoding in names:
                    assert names[column.encoding] in chunk.encodings, column.name
                if column.name == "document_key":
                    assert chunk.statistics.has_min_max
    of_rows = {table.name for table in (*LABEL_ROW_TABLES, ONTOLOGY)}
    assert seen == {t.name for t in warehouse_tables.STAGED_TABLES} - {"categories"} - of_rows


def test_the_view_labels_has_a_row_a_label_whatever_ids_repeat(
    write: Write, load: Load, warehouse: Path
) -> None:
    document = unit("a")
    document["images"] *= 2
    document["categories"] = [{"id": 1, "name": "first"}, {"id": 1, "name": "second"}]
    document["annotations"][0]["image_id"] = 99
    document["annotations"][1]["category_id"] = 99
    load(write("1.json", [document]))
    with connect(warehouse) as connection:
        rows = connection.execute(
            "select annotation_id, category_name, image_key, project, document_id from labels order by all"
        ).fetchall()
    assert rows == [
        (0, "first", None, "default", "a"),
        (1, None, "a", "default", "a"),
        (2, "first", "a", "default", "a"),
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT / "sql")))
def test_a_sql_file_is_one_statement_with_a_header(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    header = re.match(r"(?:--.*\n)+", text)
    assert header, "no header comment"
    body = (
        text[header.end() :]
        .replace("{table}", "annotations")
        .replace("{select}", "select 1")
        .replace("{condition}", "true")
        .replace("{labels}", "select * from labels")
        .replace("{files}", "'a'")
        .replace("{order}", "document_key")
        .replace("{new_rows}", "new_annotations")
        .replace("{like}", "annotations")
        .replace("{predictions}", "predictions")
        .replace("{by}", "")
        .replace("{column}", "value")
        .replace("{name_column}", "annotations.name")
        .replace("{more}", "")
        .replace("{geometry}", "select 1")
        .replace("{columns}", "name varchar")
        .replace("{places}", "?")
        .replace("{values}", "name")
        .replace("{wanted}", "select 1 as document_key")
    )
    [parsed] = duckdb.extract_statements(body)
    if parsed.type == duckdb.StatementType.SELECT:
        assert "-- grain: " in header[0]
        assert "-- columns: " in header[0]
    for parameter in set(re.findall(r"\$([a-z_0-9]+)", body)):
        assert re.search(rf"-- parameters:.*\b{parameter}\b", header[0], re.DOTALL), parameter
    assert (
        not re.search(r"\bselect \*(?! from lake\.main\.ingests|\s+from temp)", body)
        or "staged" not in body
    )
    assert re.sub(r"'[^']*'", "", body) == re.sub(r"'[^']*'", "", body).lower()
    name = path.relative_to(ROOT / "sql").with_suffix("").as_posix()
    read, name = (statement, name[9:]) if name.startswith("internal/") else (public_statement, name)
    assert read(name) == text


def test_sql_stands_in_sql_files_alone() -> None:
    words = re.compile(r"\b(select|insert into|update|delete from|create (table|view)|merge into)\b", re.I)
    for path in (ROOT / "transforms").rglob("*.py"):
        if path.name in ("warehouse_tables.py", "engine.py"):
            continue
        for literal in re.findall(r'execute\(\s*f?"([^"]*)"', path.read_text()):
            assert not words.search(literal), f"{path.name}: {literal}"


def test_the_package_never_imports_prefect() -> None:
    for path in (ROOT / "transforms").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not [name for name in names if name.partition(".")[0] == "prefect"], path


def test_the_data_model_page_is_what_the_schema_says() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "docs" / "generate.py"), "--check"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_names_of_public_statements_are_sorted_and_complete() -> None:
    names = public_names("published")
    assert names == sorted(f"published/{path.stem}" for path in (ROOT / "sql" / "published").glob("*.sql"))
    assert "published/labels" in names


@cache
def modules() -> list[tuple[str, str]]:
    """Return room and text of each module of the package."""
    return [(path.relative_to(PACKAGE).parts[0], path.read_text()) for path in PACKAGE.rglob("*.py")]


@pytest.mark.parametrize(
    "path", sorted((ROOT / "sql" / "internal").glob("*/*")), ids=lambda path: path.stem
)
def test_an_internal_statement_is_named_by_modules_of_its_room_alone(path: Path) -> None:
    room, name = path.parent.name, path.stem
    quoted = re.compile(rf"[\"/]{name}\"")
    rooms = {
        module_room
        for module_room, text in modules()
        if f'"{room}/{name}"' in text or (module_room == room and quoted.search(text))
    }
    assert rooms == {room}


def test_every_code_is_explained() -> None:
    page = (ROOT / "docs" / "reason-codes.md").read_text()
    explained = set(re.findall(r"^\| `([A-Z_]+)` \|", page, re.M))
    assert explained == {code.value for code in ReasonCode}
