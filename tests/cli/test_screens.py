"""What people see in a terminal is what is recorded, and was looked at."""

import pytest

from tests.support.sets import slow

pytest.importorskip("pyte", reason="pyte, a terminal in Python, is not installed")

from tests.cli.screens import OTHERS, QUICK, WIDTHS, recorded, screens


@pytest.mark.parametrize(
    "commands", [QUICK, pytest.param(QUICK + OTHERS, marks=slow)], ids=["quick", "all"]
)
@pytest.mark.parametrize("width", [80, pytest.param(140, marks=slow)])
def test_the_screens_are_those_that_were_looked_at(
    width: int, commands: tuple[tuple[str, ...], ...]
) -> None:
    expected = recorded(width)
    for line, text in screens(width, commands):
        assert text == expected[line], line


@pytest.mark.parametrize("width", WIDTHS)
def test_no_recorded_line_is_longer_than_the_terminal(width: int) -> None:
    for line, text in recorded(width).items():
        assert max((len(shown) for shown in text.splitlines()), default=0) <= width, line


def test_both_widths_have_the_same_commands() -> None:
    assert list(recorded(80)) == list(recorded(140))
