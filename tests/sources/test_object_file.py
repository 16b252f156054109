"""Sources of web servers: read in ranges, of one version, whatever answers on the way."""

import io
import json
import random
import zipfile
from collections.abc import Iterator

import pytest
from labelhouse.errors import InputError
from labelhouse.reason_codes import ReasonCode
from labelhouse.sources import object_file
from labelhouse.sources.finding import find_sources
from labelhouse.sources.source_file import opened, size_of

from tests.support.aliases import Load
from tests.support.exports import unit
from tests.support.sets import rounds
from tests.support.web_server import WebServer, web_server

SEED = 7


@pytest.fixture
def server() -> Iterator[WebServer]:
    with web_server() as running:
        yield running


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read in pieces of some hundred bytes, so that small files have many."""
    monkeypatch.setattr(object_file, "FIRST_BYTES", 100)
    monkeypatch.setattr(object_file, "PIECE_BYTES", 700)


def noise(count: int) -> bytes:
    return random.Random(SEED).randbytes(count)


@pytest.mark.usefixtures("small_pieces")
def test_it_reads_as_a_file_does(server: WebServer) -> None:
    data = noise(5_000)
    server.files["/a"] = data
    chance = random.Random(SEED)
    with opened(f"{server.address}/a") as file:
        local = io.BytesIO(data)
        assert size_of(file) == len(data)
        for _ in range(rounds("SEEKS", 60, 300, 3_000)):
            if chance.random() < 0.4:
                step = (chance.randrange(len(data) + 50), io.SEEK_SET)
                if chance.random() < 0.3:
                    step = (-chance.randrange(300), io.SEEK_END)
                assert file.seek(*step) == local.seek(*step)
            count = chance.choice([1, 30, 99, 100, 101, 650, 2_000])
            assert file.read(count) == local.read(count)
            assert file.tell() == local.tell()


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("has_tags", [True, False])
@pytest.mark.parametrize("fault", ["500", "503", "cut", "hang-up"])
def test_what_passes_is_tried_again(server: WebServer, fault: str, has_tags: bool) -> None:
    server.files["/a"], server.has_tags = noise(3_000), has_tags
    server.faults.extend([fault, "ok", fault, fault, "ok", "ok", fault])
    with opened(f"{server.address}/a") as file:
        assert file.read() == noise(3_000)
    assert not server.faults


@pytest.mark.usefixtures("small_pieces")
def test_an_object_that_is_replaced_is_noticed(server: WebServer) -> None:
    server.files["/a"] = noise(5_000)
    server.faults.extend(["ok", "ok", "replace"])
    with pytest.raises(InputError) as raised, opened(f"{server.address}/a") as file:
        file.read()
    assert raised.value.code is ReasonCode.SOURCE_CHANGED


@pytest.mark.usefixtures("small_pieces")
def test_a_server_without_ranges_gives_a_copy(server: WebServer) -> None:
    server.files["/a"], server.has_ranges = noise(3_000), False
    server.faults.extend(["ok", "cut"])
    with opened(f"{server.address}/a") as file:
        file.seek(-5, io.SEEK_END)
        assert file.read() == noise(3_000)[-5:]
        file.seek(0)
        assert file.read() == noise(3_000)
    # What is asked for in a range: the beginning, and the rest of the answer that was cut.
    assert [wanted for _, wanted in server.requests] == ["bytes=0-99", None, "bytes=1500-2999", None]


@pytest.mark.parametrize(
    ("path", "code"), [("/none", ReasonCode.SOURCE_NOT_FOUND), ("/closed", ReasonCode.STORE_DENIED)]
)
def test_what_does_not_pass_is_said(server: WebServer, path: str, code: ReasonCode) -> None:
    server.files["/closed"] = b"{}"
    server.needs_query = "sig=CANARY-KEY" if path == "/closed" else ""
    with pytest.raises(InputError) as raised, opened(f"{server.address}{path}?sig=CANARY-OTHER"):
        pass
    assert raised.value.code is code
    assert "CANARY" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_an_empty_file_is_empty(server: WebServer) -> None:
    server.files["/a"] = b""
    with opened(f"{server.address}/a") as file:
        assert file.read() == b""


def test_a_signed_address_loads_and_its_query_is_kept_nowhere(server: WebServer, load: Load) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("a.json", json.dumps([unit("a"), unit("b")]))
        packed.writestr("b.json", json.dumps(unit("c")))
    server.files["/exports/night%20one.zip"] = archive.getvalue()
    server.needs_query = "X-Amz-Signature=CANARY"
    url = f"{server.address}/exports/night%20one.zip?X-Amz-Signature=CANARY"
    [source] = find_sources([url])
    assert (source.name, source.label) == ("night one.zip", f"{server.address}/exports/night%20one.zip")
    [report] = load(url)
    assert (report.status, report.row["documents_added"], report.source) == ("committed", 3, source.label)
    assert "CANARY" not in json.dumps(report.as_json())
    [again] = load(url)
    assert again.status == "unchanged"
