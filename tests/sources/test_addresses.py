"""What addresses name, and what of AWS's profiles is used."""

from pathlib import Path

import pytest
from labelhouse.errors import InputError
from labelhouse.reason_codes import ReasonCode
from labelhouse.sources.addresses import Address, address_of, local_path
from labelhouse.sources.aws_profile import profile_settings
from labelhouse.sources.object_store import store_of


@pytest.mark.parametrize(
    ("url", "address", "name"),
    [
        ("s3://b/c/d.json", Address("s3", "s3://b", "c/d.json"), "d.json"),
        ("S3://b/c/", Address("s3", "s3://b", "c/"), "c"),
        ("gs://b", Address("gs", "gs://b", ""), ""),
        ("az://c/a b#1.json", Address("az", "az://c", "a b#1.json"), "a b#1.json"),
        ("https://h/a%20b.zip?x=1#f", Address("https", "https://h/a%20b.zip?x=1", ""), "a b.zip"),
    ],
)
def test_a_url_has_a_root_and_a_key(url: str, address: Address, name: str) -> None:
    assert address_of(url) == address
    assert address.name == name


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("ftp://h/a", "ftp: addresses are not read; give a path, or"),
        ("s3:///a", "the address names no bucket;"),
        ("s3://key:CANARY@b/a", "the address names no bucket;"),
        ("https:///a", "the address names no host;"),
        ("file://other/a", "file: addresses are not read;"),
    ],
)
def test_other_addresses_are_refused(url: str, says: str) -> None:
    with pytest.raises(InputError) as raised:
        address_of(local_path(url))
    assert raised.value.code is ReasonCode.SOURCE_UNREADABLE
    assert str(raised.value).startswith(says)
    assert "CANARY" not in str(raised.value)


def test_http_is_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="from this machine only; use https://, or set LABELHOUSE_ALLOW"):
        store_of(address_of("http://example.org/a.json"))
    monkeypatch.setenv("LABELHOUSE_ALLOW_HTTP", "1")
    store_of(address_of("http://example.org/a.json"))


def test_keys_and_region_come_from_a_profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ACCESS_KEY_ID", "REGION", "DEFAULT_REGION", "ENDPOINT_URL", "ENDPOINT_URL_S3", "PROFILE"):
        monkeypatch.delenv(f"AWS_{name}", raising=False)
    config, credentials = tmp_path / "config", tmp_path / "credentials"
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(credentials))
    assert profile_settings() == {}
    config.write_text(
        "[default]\nregion = a\n[profile x]\nregion = b\nendpoint_url = http://e\noutput = json\n"
    )
    credentials.write_text(
        "[default]\naws_access_key_id = k\naws_secret_access_key = s%1\n[x]\naws_session_token = t\n"
    )
    assert profile_settings() == {"region": "a", "access_key_id": "k", "secret_access_key": "s%1"}
    monkeypatch.setenv("AWS_PROFILE", "x")
    assert profile_settings() == {"region": "b", "endpoint_url": "http://e", "session_token": "t"}
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "of the environment")
    monkeypatch.setenv("AWS_REGION", "c")
    assert profile_settings() == {"endpoint_url": "http://e"}
    config.write_text("no section\n")
    assert profile_settings() == {}
