"""Faults before a real S3 server, keys that expire, and a web server with TLS and a CA of its own."""

import json
import random
import ssl
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import labelhouse
import obstore
import pytest
from labelhouse.errors import InputError, LabelhouseError
from labelhouse.ingestion.run import IngestOptions
from labelhouse.reason_codes import ReasonCode
from labelhouse.sources import object_file
from labelhouse.sources.finding import find_sources
from labelhouse.sources.source_file import opened

from tests.support.exports import unit
from tests.support.ingesting import ingest
from tests.support.s3_server import S3Server, s3_server
from tests.support.sets import rounds
from tests.support.store_proxy import StoreProxy, store_proxy
from tests.support.web_server import web_server

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    with s3_server() as running:
        yield running


@pytest.fixture
def proxy(server: S3Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[StoreProxy]:
    with store_proxy(server.endpoint) as running:
        server.use(monkeypatch, "writer")
        monkeypatch.setenv("AWS_ENDPOINT_URL", running.endpoint)
        yield running


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(object_file, "FIRST_BYTES", 1_000)
    monkeypatch.setattr(object_file, "PIECE_BYTES", 4_000)


def noise(count: int) -> bytes:
    return random.Random(3).randbytes(count)


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("fault", ["500", "503", "cut", "slow", "hang-up"])
def test_faults_that_pass_change_no_byte(server: S3Server, proxy: StoreProxy, fault: str) -> None:
    obstore.put(server.store(), "noise", noise(60_000))
    proxy.faults.extend([fault, "ok", fault, fault, "ok", "ok", fault])
    with opened("s3://exports/noise") as file:
        assert file.read() == noise(60_000)
        file.seek(-777, 2)
        assert file.read() == noise(60_000)[-777:]
    assert not proxy.faults


@pytest.mark.usefixtures("small_pieces")
def test_a_wrong_tag_is_another_version(server: S3Server, proxy: StoreProxy) -> None:
    obstore.put(server.store(), "noise", noise(60_000))
    for faults in (["ok", "ok", "tag"], ["tag"]):
        proxy.faults.extend(faults)
        with pytest.raises(InputError) as raised, opened("s3://exports/noise") as file:
            file.read()
        assert raised.value.code is ReasonCode.SOURCE_CHANGED


@pytest.mark.usefixtures("small_pieces")
def test_keys_that_expire_while_a_file_is_read_are_said(server: S3Server, proxy: StoreProxy) -> None:
    obstore.put(server.store(), "noise", noise(60_000))
    proxy.faults.extend(["ok", "ok", "ok"])
    proxy.always = "expired"
    with pytest.raises(InputError) as raised, opened("s3://exports/noise") as file:
        file.read()
    assert raised.value.code is ReasonCode.STORE_DENIED
    assert "whether they have expired" in str(raised.value)
    assert "CANARY" not in str(raised.value)
    assert proxy.requests < 10


@pytest.mark.parametrize("fault", ["500", "503", "cut", "slow", "hang-up"])
def test_a_list_through_faults_is_whole(server: S3Server, proxy: StoreProxy, fault: str) -> None:
    for number in range(3):
        obstore.put(server.store(), f"listed/{number}.json", b"{}")
    proxy.faults.extend([fault, fault])
    listed = [source.name for source in find_sources(["s3://exports/listed/"])]
    assert listed == ["0.json", "1.json", "2.json"]


def test_a_list_that_never_comes_is_said(server: S3Server, proxy: StoreProxy, tmp_path: Path) -> None:
    obstore.put(server.store(), "listed/a.json", b"{}")
    proxy.always = "cut"
    with pytest.raises(InputError) as raised, opened("s3://exports/listed/"):
        pass
    assert raised.value.code is ReasonCode.STORE_UNREACHABLE
    assert raised.value.retryable


def test_a_load_through_faults_is_the_load_without_them(
    server: S3Server, proxy: StoreProxy, tmp_path: Path
) -> None:
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for number in range(3):
            packed.writestr(f"{number}.json", json.dumps([unit(f"{number}-{n}") for n in range(50)]))
    obstore.put(server.store(), "night/a.zip", archive.getvalue())
    chance = random.Random(9)
    kinds = ["ok", "ok", "500", "503", "cut", "slow", "hang-up"]
    proxy.faults.extend(chance.choice(kinds) for _ in range(30))
    # The environment of the shared parsing process is that of its start.
    [report] = ingest(tmp_path / "w", ["s3://exports/night/"], IngestOptions(jobs=2))
    assert (report.status, report.row["documents_added"]) == ("committed", 150)
    assert "CANARY" not in json.dumps(report.as_json())


@pytest.mark.parametrize("fault", ["500", "503", "hang-up"])
def test_an_output_is_written_through_faults(
    server: S3Server, proxy: StoreProxy, one_unit: Path, fault: str
) -> None:
    proxy.faults.extend([fault, "ok", fault])
    labelhouse.export(one_unit, f"s3://exports/out-{fault}/a.json")
    [document] = json.loads(bytes(obstore.get(server.store(), f"out-{fault}/a.json").bytes()))
    assert len(document["annotations"]) == 3
    proxy.faults.clear()
    proxy.always = "expired"
    with pytest.raises(LabelhouseError) as raised:
        labelhouse.export(one_unit, f"s3://exports/out-{fault}/b.json")
    assert (raised.value.code, "CANARY" in str(raised.value)) == ("STORE_DENIED", False)


def test_ten_thousand_objects_are_found_below_a_prefix(server: S3Server, proxy: StoreProxy) -> None:
    count = rounds("STORE_OBJECTS", 1_000, 10_000, 10_000)
    store = server.store()
    for number in range(count):
        obstore.put(store, f"many/{number % 100:02}/{number:05}.json", b"{}")
    listed = find_sources(["s3://exports/many/"])
    assert [source.name for source in listed] == sorted(
        f"{number % 100:02}/{number:05}.json" for number in range(count)
    )
    # The list comes in pages of a thousand, and nothing is asked of a single object.
    assert proxy.requests <= count // 1_000 + 3


def test_a_server_with_a_certificate_of_an_own_authority(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = certificates(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem", tmp_path / "server.key")
    with web_server(context) as web:
        assert web.address.startswith("https://")
        web.files["/a.json"] = json.dumps([unit("a"), unit("b")]).encode()
        url = f"{web.address}/a.json"
        [report] = ingest(tmp_path / "unknown", [url], IngestOptions(jobs=2))
        assert report.error is not None
        assert report.error.code is ReasonCode.STORE_UNREACHABLE
        monkeypatch.setenv("SSL_CERT_FILE", str(authority))
        for has_ranges in (True, False):
            web.has_ranges = has_ranges
            [report] = ingest(tmp_path / str(has_ranges), [url], IngestOptions(jobs=2))
            assert (report.status, report.row["documents_added"]) == ("committed", 2)


def certificates(folder: Path) -> Path:
    """Write a certificate for 127.0.0.1 and its key; return that of the authority that signed it."""
    from ipaddress import ip_address

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    def name(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    now = datetime.now(UTC)
    signer, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())

    def certificate(subject: str, public: ec.EllipticCurvePublicKey, *, is_authority: bool) -> bytes:
        builder = (
            x509.CertificateBuilder()
            .subject_name(name(subject))
            .issuer_name(name("authority of a test"))
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        )
        if not is_authority:
            names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
            builder = builder.add_extension(names, critical=False)
        return builder.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    authority = folder / "authority.pem"
    authority.write_bytes(certificate("authority of a test", signer.public_key(), is_authority=True))
    (folder / "server.pem").write_bytes(certificate("server", key.public_key(), is_authority=False))
    (folder / "server.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return authority
