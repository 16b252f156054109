"""Names come from anywhere; what a command prints steers no terminal, and hides and reorders nothing."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from labelhouse.errors import UsageError
from labelhouse.printable import markdown_cell, printable, printable_json, printable_lines
from labelhouse.reason_codes import ReasonCode

SELECTORS = {*map(chr, range(0xFE00, 0xFE10)), *map(chr, range(0xE0100, 0xE01F0))}


def harmful(text: str) -> list[str]:
    """Characters that no line of a terminal may hold."""
    joiners = "\u200c\u200d"
    return [
        c
        for c in text
        if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")
        or (unicodedata.category(c) == "Cf" and c not in joiners)
        or c in "\u034f\u115f\u1160\u2800\u3164\uffa0"
    ]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Car", "Car"),
        ("", ""),
        ("two\nlines\r\tand a tab", r"two\nlines\r\tand a tab"),
        ("\x1b[31mred\x1b]0;title\x07", r"\x1b[31mred\x1b]0;title\x07"),
        ("\x7f\x80\x9b31m\x9f", r"\x7f\x80\x9b31m\x9f"),
        ("a\u202eb\u202cc\u2066d\u2069", r"a\u202eb\u202cc\u2066d\u2069"),
        ("e\u200ef\u200fg\u061ch", r"e\u200ef\u200fg\u061ch"),
        ("Car\u200b Car\u200dCar\u200c\ufeff\u2060\u00ad", r"Car\u200b Car\u200dCar\u200c\ufeff\u2060\xad"),
        ("\u2028\u2029\x85\x0b\x0c", r"\u2028\u2029\x85\x0b\x0c"),
        ("\ud83d half \udc41", r"\ud83d half \udc41"),
        ("caf\udce9.json", r"caf\xe9.json"),
        ("tag\U000e0041\U000e007f", r"tag\U000e0041\U000e007f"),
        ("\u3164\u115f\u2800", r"\u3164\u115f\u2800"),
        ("\ufe0f at the start, two\ufe0f\ufe0f", r"\ufe0f at the start, two" "\ufe0f" r"\ufe0f"),
        (r"C:\new\x1b", r"C:\new\x1b"),
    ],
)  # fmt: skip
def test_what_could_steer_a_terminal_is_spelled_out(text: str, shown: str) -> None:
    assert printable(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "Größe, naïve, Привет, Ελλάδα",
        "سيارة شاحنة ١٢٣",
        "می\u200cخواهم",  # noqa: RUF001 - Persian
        "क्\u200dष हिन्दी",
        "汽车\u3000轿车、자동차、くるま",
        "葛\U000e0100城",
        "👨\u200d👩\u200d👧 ❤\ufe0f\u200d🔥 👍🏽 🏳\ufe0f\u200d🌈 1\ufe0f\u20e3 🇩🇪",
        "e\u0301 n\u0303",
    ],
)
def test_writing_of_any_script_stays_legible(text: str) -> None:
    assert printable(text) == text


@given(st.text(st.characters(exclude_categories=())))
def test_no_text_gets_a_harmful_character_through(text: str) -> None:
    shown = printable(text)
    assert harmful(shown) == []
    assert printable(shown) == shown
    assert len(shown.splitlines()) <= 1
    shown.encode()
    assert harmful(markdown_cell(text)) == []
    assert harmful(printable_lines(text).replace("\n", "")) == []
    assert printable_lines(text).count("\n") == text.count("\n")


@given(st.text(st.characters(exclude_categories=())))
def test_json_means_the_same_with_all_of_it_escaped(text: str) -> None:
    for ascii_only in (False, True):
        shown = printable_json(json.dumps({text: text}, ensure_ascii=ascii_only))
        assert harmful(shown) == []
        assert json.loads(shown) == {text: text}


def test_errors_are_printable_whatever_they_name() -> None:
    error = UsageError(ReasonCode.USAGE, "no \u202egood", where="a\nb\x1b.json", remedy="run\x07 again")
    assert str(error) == r"a\nb\x1b.json: no \u202egood; run\x07 again"


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("plain name_2", "plain name_2"),
        ("a|b", r"a\|b"),
        (r"a\|b", r"a\\\|b"),
        ("`x` *y* _z_ ~~w~~", r"\`x\` \*y\* \_z\_ \~\~w\~\~"),
        ("<script>&amp;</script>", "&lt;script&gt;&amp;amp;&lt;/script&gt;"),
        ("[a](http://b) ![c](d)", r"\[a\](http://b) \!\[c\](d)"),
        ("two\nlines", r"two\\nlines"),
    ],
)
def test_a_cell_of_markdown_holds_a_name_and_no_markup(text: str, cell: str) -> None:
    assert markdown_cell(text) == cell
