import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from labelhouse.urls import location, may_hold_secrets, without_secrets

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
