"""Which tests run: the short set (`make test`), all (`make test-all`), or long versions (`make soak`)."""

import os
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import pytest

SETS = ("short", "all", "long")
SET = os.environ.get("LABELHOUSE_TESTS", "short")
if SET not in SETS:
    raise pytest.UsageError(f"LABELHOUSE_TESTS is {SET!r}; it may be {', '.join(SETS)}")

IS_SHORT = SET == "short"

COVERS = {
    "short": (
        "covers every module of the tests; what has a faster sibling, or repeats, is there in part:",
        "a sample of the corpus that has every feature of all files,",
        "a few kills, faults, mutated texts and random examples",
        "make test-all adds the other files of the corpus, large ones, each value at each place of a text,",
        "more kills and faults, Prefect's server, and what starts many processes; make soak has the long",
        "versions",
    ),
    "all": (
        "covers all; comparisons of readers and of processes have the sample and every third file;",
        "make soak has long versions: every file, more kills, a fault at each call, 20,000 mutations",
    ),
    "long": ("covers all in long versions",),
}
"""What is said at the start of each set."""

slow = pytest.mark.slow
"""Leave a test, or one of its parameters, out of the short set."""

Value = TypeVar("Value")


def some(values: Iterable[Value], count: int = 1) -> list[Any]:
    """Return parameters of a test, tuples for several names; the short set has the first `count`."""
    return [
        value
        if index < count
        else pytest.param(*(value if isinstance(value, tuple) else (value,)), marks=slow)
        for index, value in enumerate(values)
    ]


def choose(short: Value, usual: Value, long: Value) -> Value:
    """Return what is for the set that runs: the short one, all tests, or their long versions."""
    return {"short": short, "all": usual, "long": long}[SET]


def rounds(name: str, short: int, usual: int, long: int) -> int:
    """Return how often to repeat: what the environment variable LABELHOUSE_<name> says, or by the set."""
    return int(os.environ.get(f"LABELHOUSE_{name}") or choose(short, usual, long))


def crossed(longer: Mapping[str, Any], shorter: Mapping[str, Any]) -> list[Any]:
    """Return all pairs of two mappings' values as parameters of a test, named by their keys.

    The short set has each of the longer mapping once, with those of the shorter in turn.
    """
    return [
        pytest.param(
            one, other, id=f"{name}-{others}", marks=[] if place % len(shorter) == turn else [slow]
        )
        for place, (name, one) in enumerate(longer.items())
        for turn, (others, other) in enumerate(shorter.items())
    ]


def named(values: Iterable[str]) -> dict[str, str]:
    """Return texts as values that are their own names."""
    return {value: value for value in values}
