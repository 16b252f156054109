import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from labelhouse.texts.file_name_queries import file_name_without_secrets
from labelhouse.texts.json_secrets import json_without_secrets
from labelhouse.texts.url_secrets import location, may_hold_secrets, name_without_secrets, without_secrets

from tests.support.sets import crossed, named

CANARY = "LEAKCANARY"


@pytest.mark.parametrize(
    ("given_text", "expected"),
    [
        ("https://host/a/b.jpg", "https://host/a/b.jpg"),
        ("https://host/a.jpg?X-Amz-Signature=1&b=2", "https://host/a.jpg"),
        ("https://u:p@host:8080/a#frag", "https://host:8080/a"),
        ("https://u:p@ss@host/a", "https://host/a"),
        ("s3://key:secret@bucket/a?versionId=3", "s3://bucket/a"),
        ("https://host?sig=1", "https://host"),
        ("see https://h/a?s=1 and http://h/b#c.", "see https://h/a and http://h/b"),
        ('{"u":"https://h/a?s=1","v":"x?y#z"}', '{"u":"https://h/a","v":"x?y#z"}'),
        ("no url: what? #1 a@b", "no url: what? #1 a@b"),
        ("https://h/mail@home", "https://h/mail@home"),
    ],
)
def test_urls_lose_user_info_query_and_fragment(given_text: str, expected: str) -> None:
    assert without_secrets(given_text) == expected
    assert without_secrets(expected) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [("bucket/key?sig=1#x", "bucket/key"), ("", ""), ("https://u@h/p?q", "https://h/p")],
)
def test_a_location_is_cut_with_or_without_a_scheme(url: str, expected: str) -> None:
    assert location(url) == expected


WORD = st.text(string.ascii_letters + string.digits + "-._~%/", max_size=20)


@given(scheme=st.sampled_from(["http", "https", "s3", "gs"]), user=WORD, path=WORD, tail=WORD)
def test_no_secret_part_survives_anywhere_in_a_text(scheme: str, user: str, path: str, tail: str) -> None:
    user = user.replace("/", "")
    url = f"{scheme}://{user}{CANARY}@host/{path}?{CANARY}={tail}#{CANARY}"
    cleaned = without_secrets(f"before '{url}' after {url}")
    assert CANARY not in cleaned
    assert cleaned == f"before '{scheme}://host/{path}' after {scheme}://host/{path}"


@given(st.text('ab:/.?#@ "\n', max_size=20).map("s3://{}".format) | st.text(max_size=20))
def test_what_may_hold_no_secret_stays_as_it_is(text: str) -> None:
    if not may_hold_secrets(text):
        assert without_secrets(text) == text
        assert location(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "is this a car? see #3",
        "a@b",
        "contact: bob@example.com",
        "why?because=3, x=1&y=2",
        "12:30@cam 3",
        "// todo: ask a@b.com",
        "git@github.com:org/repo",
        "http://host:port/path",
        "http://localhost:8080/a@b.com/x",
        "https://[::1]:80/x",
        "https://github.com/@user/x",
        "https://h/what%3F.jpg",
        "https://h/a is it ok? see #3",
        '<a href="https://h/a">what?</a>',
        '{"a":"b?c=d"}',
        "C:\\a\\b?c",
    ],
)
def test_ordinary_texts_stay_as_they_are(text: str) -> None:
    assert without_secrets(text) == text


@pytest.mark.parametrize(
    "name",
    ["images/what?.jpg", "frame#12.jpg", "a@b.jpg", "12:30:05@cam1/img.jpg", "C:/x/a@b.jpg", "what%3F.jpg"],
)
def test_plain_names_stay_as_they_are(name: str) -> None:
    assert name_without_secrets(name) == name


#: Parameters of signed addresses, as stores and sites write them: none may stay in the name of an image.
SECRET_PARAMETERS = (
    *("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders"),
    *("X-Amz-Signature", "X-Amz-Security-Token", "x-amz-signature", "AWSAccessKeyId", "AwsAccessKeyId"),
    *("X-Goog-Algorithm", "X-Goog-Credential", "X-Goog-Date", "X-Goog-Expires", "X-Goog-Signature"),
    *("GoogleAccessId", "Signature", "signature", "Expires", "expires", "expiry", "exp", "Policy"),
    *(
        "Key-Pair-Id",
        "sig",
        "se",
        "sv",
        "X-OSS-Signature",
        "OSSAccessKeyId",
        "q-sign-algorithm",
        "q-signature",
    ),
    *("token", "access_token", "accessToken", "id_token", "refresh_token", "auth_token", "csrf-token"),
    *("sas_token", "securityToken", "session_token", "sessionid", "JSESSIONID", "PHPSESSID", "session"),
    *("key", "api_key", "apikey", "api-key", "subscription-key", "Ocp-Apim-Subscription-Key", "access_key"),
    *("secret", "client_secret", "secretKey", "password", "passwd", "pwd", "credential", "credentials"),
    *("auth", "authorization", "hmac", "jwt", "bearer", "hdnts", "hdnea", "nonce", "x-ms-signature"),
)
IN_QUERIES = (
    "?{}=LEAKCANARY",
    "?d=a/1.jpg&{}=LEAKCANARY",
    "?{}=LEAKCANARY&d=a/1.jpg",
    "?d=a/1.jpg&amp;{}=LEAKCANARY#x",
    "?d=a/1.jpg;{}=LEAKCANARY",
    "?url=https://b.example.org/a/1.jpg?{}=LEAKCANARY",
    "?url=https%3A%2F%2Fb.example.org%2Fa%2F1.jpg%3F{}%3DLEAKCANARY",
    "?d=a/1.jpg%26{}%3DLEAKCANARY",
)


@pytest.mark.parametrize("parameter", SECRET_PARAMETERS)
@pytest.mark.parametrize(
    "head", ["https://h.example.org/files/", "/data/files/", "//h/files", "files/a.jpg"]
)
def test_a_secret_parameter_stays_in_no_file_name(parameter: str, head: str) -> None:
    for query in IN_QUERIES:
        name = file_name_without_secrets(head + query.format(parameter))
        assert CANARY not in name, query
        assert name.startswith(head)
        if "d=" in query and "%" not in query:
            assert "d=a/1.jpg" in name, query


@pytest.mark.parametrize(
    "name",
    [
        "http://localhost:8080/data/local-files/?d=set1/0000.jpg",
        "/data/local-files/?d=set1/0000.jpg",
        "http://h/?set1/0000.jpg",
        "http://h/view.php?file=a%20b.jpg&w=100&h=3",
        "http://h/image?id=17",
        "https://drive.google.com/uc?id=1B2m9fK2xQ7bT0vLpW3z9fK2abcde",
        "http://h/?d=upload/550e8400-e29b-41d4-a716-446655440000",
        "http://h/?d=9e107d9d372bb6826bd81d3542a419d6.jpg",
        "http://h/?frame=cam1-2024-01-02T03-04-05",
        "http://h/presign/?fileuri=czM6Ly9idWNrZXQvYS5qcGc=",
        "http://h/?url=https://b.example.org/a.jpg",
        "images/what?.jpg",
    ],
)
def test_a_query_that_names_the_file_stays(name: str) -> None:
    assert file_name_without_secrets(name) == name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("http://u:LEAKCANARY@h/?d=1.jpg", "http://h/?d=1.jpg"),
        ("http://h/?d=1.jpg#LEAKCANARY", "http://h/?d=1.jpg"),
        ("http://h/1.jpg#LEAKCANARY?d=1", "http://h/1.jpg"),
        ("http://h/?d=1.jpg&x=9fK2xQ7bT0vLpW3z9fK2", "http://h/?d=1.jpg"),
        ("http://h/?x=550e8400-e29b-41d4-a716-446655440000", "http://h/"),
        ("http://h/?x=5f3a9c2b1d4e6f708192", "http://h/"),
        ("http://h/?u=aHR0cHM6Ly9oL2E/c2lnPUxFQUtDQU5BUlk=", "http://h/"),
        ("http://h/?9fK2xQ7bT0vLpW3z9fK2", "http://h/"),
        ("http://h/?a&sig=LEAKCANARY", "http://h/"),
        ("https://h/a.jpg?sv=1&st=2&sr=b&sp=r&sig=LEAKCANARY&d=2", "https://h/a.jpg?d=2"),
        ("images/5f3a.jpg?X-Amz-Signature=LEAKCANARY&x-id=GetObject", "images/5f3a.jpg"),
    ],
)
def test_what_may_be_secret_in_a_file_name_is_cut(name: str, expected: str) -> None:
    assert file_name_without_secrets(name) == expected


def test_json_keeps_its_spelling_but_for_what_is_cut() -> None:
    text = '{ "a" : "why?\\u0020\\/", "coco_url": "b\\/k\\u003fx"'
    text += ', "file_name": "w?.jpg", "k#": 1.0e5, "z": "\\ud800" }'
    assert json_without_secrets(text) == text.replace("b\\/k\\u003fx", "b/k")


PARTS = st.sampled_from(
    [
        *":@/?#=& \n\"'<>\\uh(é",
        "https://",
        "//",
        "%3A",
        "%2F",
        "%3F",
        "%40",
        "\\/",
        "\\u003f",
        "&#63;",
        "host.com/",
        "a.jpg",
        "sig",
        "token=",
        "8080",
    ]
)


@given(st.lists(PARTS, max_size=14).map("".join))
def test_cutting_shortens_and_settles(text: str) -> None:
    for cut in (without_secrets, location, name_without_secrets, file_name_without_secrets):
        shortened = cut(text)
        assert cut(shortened) == shortened
        assert len(shortened) < len(text) or shortened == text
        if not may_hold_secrets(text):
            assert shortened == text


LONG = {
    "letters": "a" * 90_000,
    "colons": ",a:" * 30_000,
    "backslashes": "\\" * 30_000,
    "schemes": "a://" * 20_000,
    "quotes": '"ab://b' * 9_000,
}


@pytest.mark.parametrize(("text", "end"), crossed(LONG, named(["@=", "?=@", "&sig="])))
def test_no_text_takes_long(text: str, end: str) -> None:
    # Quadratic time would be minutes.
    for cut in (without_secrets, location, name_without_secrets, file_name_without_secrets):
        assert len(cut(text + end)) <= len(text + end)
