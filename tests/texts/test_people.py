"""People are kept, become tokens, or are gone; nothing else of a JSON value changes."""

import json
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from labelhouse.texts.people import PATTERNS, REMOVED, People, names_person

SALT = "ab" * 32
DROP, HASH, KEEP = People("drop"), People("hash", SALT), People()
ADDRESS = "canary@persons.example"
PERSON_KEYS = (
    *("createdBy", "created_by", "lastEditedBy", "last_edited_by", "assigned_user_email", "assigned_to"),
    *("last_actioned_by_user_email", "user_email", "userEmail", "user_id", "userId", "user", "email"),
    *("annotator", "annotator_id", "annotators", "author", "authors", "reviewer", "reviewedBy"),
    *("reviewed_by", "labeler", "contributor", "creator", "worker_id", "actor_email", "uploaded_by"),
)
OTHER_KEYS = (
    *("id", "name", "comment", "reviews", "status", "sorted_by", "standby", "by", "object_hash", "task_id"),
    *("created_at", "createdAt", "colour", "title", "userland", "assignment", "authorised", "data_hash"),
)


@pytest.mark.parametrize("key", PERSON_KEYS)
def test_keys_that_name_people(key: str) -> None:
    assert names_person(key)
    assert DROP.value({key: "Anna"}) == {key: None}
    assert DROP.value({key: 524}) == {key: None}
    assert DROP.value({key: [ADDRESS, 7]}) == {key: []}
    assert DROP.value({key: {"name": "Anna", "id": 5}}) == {key: {"name": None, "id": None}}
    hashed = HASH.value({key: "Anna"})[key]
    assert hashed == HASH.person("Anna")
    assert HASH.json(json.dumps({key: "Anna"})) == json.dumps({key: hashed}, separators=(",", ":"))


@pytest.mark.parametrize("key", OTHER_KEYS)
def test_keys_that_name_nobody(key: str) -> None:
    assert not names_person(key)
    for people in (DROP, HASH):
        assert people.value({key: "Anna", "x": [524, None, True]}) == {key: "Anna", "x": [524, None, True]}


def test_addresses_in_texts_and_keys_go_wherever_they_are() -> None:
    value = {"comment": f"ask {ADDRESS}, please", "votes": {ADDRESS: 3}, "list": [ADDRESS, "tower@2x.png"]}
    assert DROP.value(value) == {
        "comment": f"ask {REMOVED}, please",
        "votes": {REMOVED: 3},
        "list": [None, "tower@2x.png"],
    }
    token = HASH.person(ADDRESS)
    assert HASH.value(value) == {
        "comment": f"ask {token}, please",
        "votes": {token: 3},
        "list": [token, "tower@2x.png"],
    }


def test_keys_that_become_equal_stay_apart() -> None:
    assert DROP.value({"a@b.c": 1, "d@e.f": 2}) == {REMOVED: 1, f"{REMOVED}~": 2}


def test_what_customers_say_of_their_data_stays() -> None:
    value = {"client_metadata": {"email": ADDRESS}}
    assert DROP.value(value) == HASH.value(value) == value


def test_a_token_is_one_person_under_one_salt() -> None:
    token = HASH.person(ADDRESS)
    assert token is not None
    assert HASH.person(f" {ADDRESS.upper()} ") == token
    assert HASH.person(token) == token, "an export that comes back names the same people"
    assert HASH.person("Anna") != HASH.person("anna"), "user ids may differ by capitals"
    assert People("hash", "cd" * 32).person(ADDRESS) != token
    assert People("hash", "cd" * 32).mark != HASH.mark
    assert SALT not in str(HASH.mark)


def test_a_text_that_is_no_json_and_may_name_people_is_left_out() -> None:
    assert DROP.json('{"createdBy": "Anna') is None
    assert DROP.json('{"x": 1') == '{"x": 1'
    assert KEEP.json('{"createdBy": "Anna') == '{"createdBy": "Anna'
    assert DROP.json('{"createdBy": ' + "9" * 5000 + "}") is None


def test_an_escaped_address_is_found() -> None:
    assert DROP.json(r'{"note": "canary\u0040persons.example"}') == '{"note":null}'
    assert DROP.json(r'{"cre\u0061tedBy": "canary\u0040persons.example"}') == '{"createdBy":null}'


def test_halves_of_surrogate_pairs_stay_escapes() -> None:
    assert DROP.json(r'{"email": "x", "b": "\ud800"}') == r'{"b":"\ud800","email":null}'


TEXTS = st.text(max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
PLANTED = st.recursive(
    VALUES
    | st.sampled_from([ADDRESS, f"see {ADDRESS}", f"<{ADDRESS}>"])
    | st.sampled_from(PERSON_KEYS).map(lambda key: {key: "canary"}),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([ADDRESS, "reviews", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)


def without_scalars(value: Any) -> Any:
    """Return the form of a value: its lists, its objects, and how many keys they have."""
    if isinstance(value, dict):
        return [without_scalars(one) for one in value.values()]
    return [without_scalars(one) for one in value] if isinstance(value, list) else 0


@settings(max_examples=200, deadline=None)
@given(PLANTED)
def test_no_planted_person_is_left_and_the_form_stays(value: Any) -> None:
    for people in (DROP, HASH):
        once = people.value(value)
        assert "canary" not in json.dumps(once)
        assert people.value(once) == once
        assert without_scalars(once) == without_scalars(value)
        text = json.dumps(value)
        cleaned = people.json(text)
        assert cleaned is not None
        assert json.loads(cleaned) == once
    assert KEEP.value(value) == value


@settings(max_examples=100, deadline=None)
@given(VALUES)
def test_values_without_people_keep_their_spelling(value: Any) -> None:
    text = json.dumps(value, indent=1)
    if "@" not in text:
        keys = [key for key in PERSON_KEYS if f'"{key}"' in text]
        assert keys or DROP.json(text) == text


def test_the_patterns_for_sql_are_those_of_the_keys() -> None:
    for key in (*PERSON_KEYS, *OTHER_KEYS):
        values = {"text": json.dumps({key: "canary"}, separators=(",", ":")), "field": f"attributes.{key}"}
        [row] = duckdb.execute(
            "select regexp_matches($text, $keys), regexp_full_match($field, $fields)",
            values | {"keys": PATTERNS["keys"], "fields": PATTERNS["fields"]},
        ).fetchall()
        assert row == (names_person(key), names_person(key)), key
