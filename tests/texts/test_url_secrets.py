import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from labelhouse.texts.json_secrets import json_without_secrets
from labelhouse.texts.url_secrets import location, may_hold_secrets, name_without_secrets, without_secrets

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
def test_urls_lose_user_info_query_and_fragment(given_text, expected):
    assert without_secrets(given_text) == expected
    assert without_secrets(expected) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [("bucket/key?sig=1#x", "bucket/key"), ("", ""), ("https://u@h/p?q", "https://h/p")],
)
def test_a_location_is_cut_with_or_without_a_scheme(url, expected):
    assert location(url) == expected


WORD = st.text(string.ascii_letters + string.digits + "-._~%/", max_size=20)


@given(scheme=st.sampled_from(["http", "https", "s3", "gs"]), user=WORD, path=WORD, tail=WORD)
def test_no_secret_part_survives_anywhere_in_a_text(scheme, user, path, tail):
    user = user.replace("/", "")
    url = f"{scheme}://{user}{CANARY}@host/{path}?{CANARY}={tail}#{CANARY}"
    found = without_secrets(f"before '{url}' after {url}")
    assert CANARY not in found
    assert found == f"before '{scheme}://host/{path}' after {scheme}://host/{path}"


@given(st.text('ab:/.?#@ "\n', max_size=20).map("s3://{}".format) | st.text(max_size=20))
def test_what_may_hold_no_secret_stays_as_it_is(text):
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
def test_ordinary_texts_stay_as_they_are(text):
    assert without_secrets(text) == text


@pytest.mark.parametrize(
    "name",
    ["images/what?.jpg", "frame#12.jpg", "a@b.jpg", "12:30:05@cam1/img.jpg", "C:/x/a@b.jpg", "what%3F.jpg"],
)
def test_plain_names_stay_as_they_are(name):
    assert name_without_secrets(name) == name


def test_json_keeps_its_spelling_but_for_what_is_cut():
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
def test_cutting_shortens_and_settles(text):
    for cut in (without_secrets, location, name_without_secrets):
        found = cut(text)
        assert cut(found) == found
        assert len(found) < len(text) or found == text
        if not may_hold_secrets(text):
            assert found == text


@pytest.mark.parametrize(
    "text", ["a" * 90_000, ",a:" * 30_000, "\\" * 30_000, "a://" * 20_000, '"ab://b' * 9_000]
)
@pytest.mark.parametrize("end", ["@=", "?=@", "&sig="])
def test_no_text_takes_long(text, end):
    # Quadratic time would be minutes.
    for cut in (without_secrets, location, name_without_secrets):
        assert len(cut(text + end)) <= len(text + end)
