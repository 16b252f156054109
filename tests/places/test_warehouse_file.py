"""The file that describes a shared warehouse: what it may hold, and what it never holds."""

from pathlib import Path

import labelhouse
import pytest
from labelhouse.errors import UsageError, WarehouseError
from labelhouse.places.finding import place_of
from labelhouse.places.warehouse_file import CatalogAddress, read_warehouse_file

SOUND = {"catalog": "postgres://db.example.org/labels", "data": "s3://labels/house/"}


def written(folder: Path, text: str) -> Path:
    path = folder / "team.toml"
    path.write_text(text, encoding="utf-8")
    return path


def described(folder: Path, **values: str) -> Path:
    lines = [f'{key} = "{value}"' for key, value in {**SOUND, **values}.items()]
    return written(folder, "\n".join(["[warehouse]", *lines]))


def test_all_that_a_file_says_is_read(tmp_path: Path) -> None:
    path = described(
        tmp_path,
        catalog="postgres://etl@db.example.org:6432/lab%20els",
        data="s3://labels/house",
        published="out/labels.duckdb",
        workspace="space",
    )
    read = read_warehouse_file(path)
    assert read.catalog == CatalogAddress("db.example.org", 6432, "lab els", "etl")
    assert read.data == "s3://labels/house/"
    assert read.published == str(tmp_path / "out" / "labels.duckdb")
    assert read.workspace.parent == tmp_path / "space"


def test_the_file_on_the_page_is_one(tmp_path: Path) -> None:
    page = Path(__file__).parents[2] / "docs" / "team.md"
    text = page.read_text(encoding="utf-8").partition("```toml\n")[2].partition("```")[0]
    read = read_warehouse_file(written(tmp_path, text))
    assert read.catalog == CatalogAddress("db.example.org", None, "labels", "etl")
    assert (read.data, read.published) == ("s3://labels/house/", "s3://labels/published/")


def test_what_is_not_given_comes_from_libpq_and_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    read = read_warehouse_file(described(tmp_path, catalog="postgres:///labels"))
    assert read.catalog.parameters() == {"dbname": "labels"}
    assert read.workspace.parent == tmp_path / "cache" / "labelhouse"
    assert read.published is None


def test_two_warehouses_never_share_a_folder_of_a_workspace(tmp_path: Path) -> None:
    one = read_warehouse_file(described(tmp_path, workspace="space")).workspace
    other = read_warehouse_file(described(tmp_path, workspace="space", data="s3://labels/b/")).workspace
    assert one != other
    assert one.parent == other.parent


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("warehouse", "is not TOML"),
        ("[other]\na = 1", "has no table [warehouse]"),
        ('[warehouse]\ncatalog = "postgres://h/d"', "has no data"),
        ('[warehouse]\ndata = "s3://b/p/"', "has no catalog"),
        ('[warehouse]\ncatalog = 1\ndata = "s3://b/p/"', "catalog is not a text"),
        ('[warehouse]\ncatalog = "mysql://h/d"\ndata = "s3://b/p/"', "catalog is not an address"),
        ('[warehouse]\ncatalog = "postgres://h/"\ndata = "s3://b/p/"', "catalog is not an address"),
        ('[warehouse]\ncatalog = "postgres://h:x/d"\ndata = "s3://b/p/"', "catalog is not an address"),
        ('[warehouse]\ncatalog = "postgres://h/d?a=b"\ndata = "s3://b/p/"', "catalog has options"),
        ('[warehouse]\ncatalog = "postgres://h/d"\ndata = "/data"', "data is not a prefix of a bucket"),
        ('[warehouse]\ncatalog = "postgres://h/d"\ndata = "s3://b/a*b/"', "data is not a prefix"),
        ('[warehouse]\ncatalog = "postgres://h/d"\ndata = "s3://b/../c/"', "data is not a prefix"),
        (
            '[warehouse]\ncatalog = "postgres://h/d"\ndata = "s3://b/p/"\nregion = "x"',
            "unknown key 'region'",
        ),
    ],
)
def test_another_form_is_refused_in_one_line(tmp_path: Path, text: str, says: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(UsageError) as caught:
        place_of(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "values",
    [
        {"catalog": "postgres://etl:CANARY@db/labels"},
        {"catalog": "postgres://db/labels?password=CANARY"},
        {"data": "s3://CANARY:CANARY@labels/house/"},
        {"data": "s3://labels/house/?secret=CANARY"},
        {"password": "CANARY"},
        {"secret_access_key": "CANARY"},
    ],
)
def test_secrets_are_refused_and_never_shown(tmp_path: Path, values: dict[str, str]) -> None:
    with pytest.raises(UsageError) as caught:
        place_of(described(tmp_path, **values))
    assert "holds no secrets" in str(caught.value)
    assert "CANARY" not in str(caught.value)


def test_a_file_that_is_not_there_makes_no_warehouse(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no such file"):
        labelhouse.ingest(tmp_path / "team.toml", tmp_path / "a.json")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_may_have_any_name(tmp_path: Path) -> None:
    folder = tmp_path / "labels.toml"
    folder.mkdir()
    assert place_of(folder).workspace == folder


def test_a_database_that_does_not_answer_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("psycopg", reason="needs the extra team")
    monkeypatch.setenv("PGPASSWORD", "CANARY")
    path = described(tmp_path, catalog="postgres://etl@127.0.0.1:9/labels", workspace="space")
    with pytest.raises(WarehouseError) as caught:
        labelhouse.status(path)
    assert caught.value.code.value == "CATALOG_UNREACHABLE"
    assert caught.value.retryable
    assert str(caught.value).startswith(f"{path}: the database of the catalog does not answer")
    assert "CANARY" not in str(caught.value)
