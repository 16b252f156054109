"""What a configuration of sources may say, and how it is refused."""

import re
from pathlib import Path

import pytest
from labelhouse.encord_api.listed_row import Filters
from labelhouse.errors import UsageError
from labelhouse.scheduling.configuration import (
    Configuration,
    EncordTable,
    SourceTable,
    read_configuration,
)


@pytest.fixture(autouse=True)
def no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LABELHOUSE_WAREHOUSE", raising=False)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "sources.toml"


def test_paths_start_from_the_folder_of_the_file(tmp_path: Path, file: Path) -> None:
    elsewhere = tmp_path / "elsewhere" / "b.json"
    file.write_text(
        f"""
        warehouse = "data/warehouse"

        [[source]]
        path = "exports"

        [[source]]
        project = "cars"
        path = ["nightly/*.zip", '{elsewhere}']
        mode = "full"
        """,
        encoding="utf-8",
    )
    assert read_configuration(file) == Configuration(
        warehouse=tmp_path / "data" / "warehouse",
        sources=(
            SourceTable("default", (str(tmp_path / "exports"),), full=False),
            SourceTable("cars", (str(tmp_path / "nightly" / "*.zip"), str(elsewhere)), full=True),
        ),
    )


def test_a_relative_path_of_the_file_itself_starts_from_the_working_directory(
    tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text('[[source]]\npath = "a.zip"\nmode = "merge"\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert read_configuration("sources.toml").sources[0].patterns == (str(tmp_path / "a.zip"),)


def test_the_warehouse_is_the_files_then_the_variables_then_beside_the_file(
    tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def warehouse(line: str = "") -> Path:
        file.write_text(f'{line}\n[[source]]\npath = "a.zip"\n', encoding="utf-8")
        return read_configuration(file).warehouse

    assert warehouse() == tmp_path / "warehouse"
    monkeypatch.setenv("LABELHOUSE_WAREHOUSE", str(tmp_path / "given"))
    assert warehouse() == tmp_path / "given"
    assert warehouse('warehouse = "mine"') == tmp_path / "mine"


ENCORD = "5f2b1c9e-0000-4000-8000-000000000001"
SOURCE = '[[source]]\npath = "a.zip"\n'
WRONG = {
    "no TOML": ("[[source]", "it is not TOML: Expected ']]' at the end of an array declaration"),
    "no source": ('warehouse = "w"', "it names no sources; add a [[source]] table"),
    "an empty list": ("source = []", "it names no sources; add a [[source]] table"),
    "one table": ('[source]\npath = "a.zip"', "it names no sources; add a [[source]] table"),
    "unknown key": (f'ware = "w"\n{SOURCE}', "'ware' means nothing here; write one of warehouse, source"),
    "unknown key of a source": (
        f'{SOURCE}\n[[source]]\npaths = "a.zip"',
        "[[source]] 2: 'paths' means nothing here; write one of project, path, document, newest, mode, "
        "may_be_empty, quiet_nights, authors, encord",
    ),
    "encord is no id": (
        '[[source]]\nencord = "harbour"',
        "[[source]] 1: encord is not the id of an Encord project; give its UUID",
    ),
    "encord with a path": (
        f'[[source]]\nencord = "{ENCORD}"\npath = "a"',
        "[[source]] 1: 'path' means nothing here; write one of project, encord, stage, status, dataset",
    ),
    "a stage is a number": (
        f'[[source]]\nencord = "{ENCORD}"\nstage = ["Complete", 1]',
        "[[source]] 1: stage is neither a string nor a list of strings",
    ),
    "two pulls into a project": (
        f'[[source]]\nencord = "{ENCORD}"\n[[source]]\nencord = "{ENCORD}"',
        "[[source]] 1: project 'default' is pulled from two Encord projects; give each a project",
    ),
    "a pull and a full load": (
        f'[[source]]\nencord = "{ENCORD}"\n{SOURCE}mode = "full"',
        "[[source]] 2: project 'default' is loaded in full and has another [[source]]",
    ),
    "document is a number": (
        '[[source]]\npath = "a"\ndocument = 1',
        "[[source]] 1: document is neither a string nor a list of strings; write a name with a *",
    ),
    "newest is a text": (
        '[[source]]\npath = "a"\nnewest = "yes"',
        "[[source]] 1: newest is neither true nor false; write newest = true",
    ),
    "the newest of what": (
        '[[source]]\npath = "a"\nnewest = true',
        "[[source]] 1: --newest without a --document that has a *; write --document 'labels_*.json'",
    ),
    "document is no name": (
        '[[source]]\npath = "a"\ndocument = ["a_*.json", "/b"]',
        "[[source]] 1: --document cannot be the name of a document; write a name, or folders",
    ),
    "warehouse is a number": (f"warehouse = 3\n{SOURCE}", "warehouse is not a string with text"),
    "warehouse is empty": (f'warehouse = ""\n{SOURCE}', "warehouse is not a string with text"),
    "no path": (
        '[[source]]\nproject = "p"',
        "[[source]] 1: path is missing; name a file, a folder",
    ),
    "path is a number": ("[[source]]\npath = 1", "path is neither a string nor a list of strings"),
    "path is empty": ('[[source]]\npath = ""', "path is neither a string nor a list of strings"),
    "no paths": ("[[source]]\npath = []", "path is neither a string nor a list of strings"),
    "a path is a number": ('[[source]]\npath = ["a", 1]', "path is neither a string nor a list of strings"),
    "project is a list": ('[[source]]\npath = "a"\nproject = ["p"]', "project is not a string with text"),
    "unknown authors": (
        '[[source]]\npath = "a"\nauthors = "hashed"',
        '[[source]] 1: authors is neither keep, hash nor drop; write authors = "hash"',
    ),
    "authors is a boolean": (
        '[[source]]\npath = "a"\nauthors = true',
        "[[source]] 1: authors is neither keep, hash nor drop",
    ),
    "unknown mode": ('[[source]]\npath = "a"\nmode = "ful"', "mode is neither merge nor full"),
    "mode is a boolean": ('[[source]]\npath = "a"\nmode = true', "mode is not a string with text"),
    "two full loads of a project": (
        f'{SOURCE}mode = "full"\n{SOURCE}mode = "full"',
        "[[source]] 1: project 'default' is loaded in full and has another [[source]]",
    ),
    "a full load and a merge of a project": (
        f'{SOURCE}\n[[source]]\npath = "b"\nproject = "b"\n{SOURCE}mode = "full"',
        "[[source]] 3: project 'default' is loaded in full and has another [[source]]",
    ),
}


def test_a_table_names_its_documents(tmp_path: Path) -> None:
    file = tmp_path / "sources.toml"
    file.write_text(
        '[[source]]\npath = "a"\ndocument = "a_*.json"\n'
        '[[source]]\npath = "b"\ndocument = ["b_*.json", "c_*.json"]\nnewest = true\n',
        encoding="utf-8",
    )
    sources = read_configuration(file).sources
    assert [source.documents for source in sources] == [("a_*.json",), ("b_*.json", "c_*.json")]
    assert [source.newest for source in sources] == [False, True]


def test_a_table_pulls_an_encord_project(file: Path) -> None:
    file.write_text(
        f'[[source]]\nproject = "harbour"\nencord = "{ENCORD.upper()}"\nstage = "Complete"\n'
        'title = ["a*", "b*"]\nbranch = "all"\ndomain = "https://api.us.encord.com"\n',
        encoding="utf-8",
    )
    [source] = read_configuration(file).sources
    filters = Filters(stages=("Complete",), titles=("a*", "b*"), statuses=(), datasets=(), branch=None)
    assert source.encord == EncordTable(ENCORD, filters, "https://api.us.encord.com")
    assert (source.patterns, source.names) == ((), (f"encord:{ENCORD}",))


def test_a_table_says_what_becomes_of_people(tmp_path: Path) -> None:
    file = tmp_path / "sources.toml"
    tables = ('path = "a"', 'path = "b"\nauthors = "drop"', 'path = "c"\nauthors = "hash"')
    file.write_text("".join(f"[[source]]\n{table}\n" for table in tables), encoding="utf-8")
    assert [source.authors for source in read_configuration(file).sources] == ["keep", "drop", "hash"]


@pytest.mark.parametrize(("text", "message"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_said_in_one_line(file: Path, text: str, message: str) -> None:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=re.escape(message)) as caught:
        read_configuration(file)
    line = str(caught.value)
    assert line.startswith(str(file))
    assert "; " in line
    assert "\n" not in line


@pytest.mark.parametrize(
    "url", ["https://user:pw@host/a.zip", "https://host/a.zip?sig=CANARY", "s3://key:pw@bucket/a.zip"]
)
def test_an_address_with_secrets_is_refused_and_not_shown(file: Path, url: str) -> None:
    file.write_text(f'[[source]]\npath = "{url}"', encoding="utf-8")
    with pytest.raises(UsageError, match="path is an address with a query or a password") as caught:
        read_configuration(file)
    assert "CANARY" not in str(caught.value)
    assert "pw" not in str(caught.value)


def test_addresses_stay_as_they_are(file: Path) -> None:
    file.write_text(
        '[[source]]\npath = ["s3://bucket/a/*.zip", "https://host/a b.zip", "a"]', encoding="utf-8"
    )
    [source] = read_configuration(file).sources
    assert source.patterns == ("s3://bucket/a/*.zip", "https://host/a b.zip", str(file.parent / "a"))


def test_a_file_that_is_missing_or_is_not_utf_8_is_refused(tmp_path: Path, file: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_configuration(file)
    with pytest.raises(UsageError, match="cannot be read"):
        read_configuration(tmp_path)
    file.write_bytes(b'warehouse = "\xff"')
    with pytest.raises(UsageError, match="it is not UTF-8"):
        read_configuration(file)
