"""Values as people read them: thousands, shares, sizes and times, a column at a time."""

import json
import re
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal

from labelhouse.printable import printable, printable_json
from labelhouse.texts.long_text import cut

CELL_CHARACTERS = 2_000
"""The characters of a value that a terminal is offered; other formats hold all of it."""
_NUMBERS_OF_THINGS = re.compile(
    r"(^|_)(id|key|number|position|frame|year|version|snapshot|generation|hash)$"
)
"""Names of integers that are not counts."""
_SHARES = re.compile(r"(^|_)(share|rate)$")
_BYTES = re.compile(r"(^|_)bytes$")
_DIGITS = 4
"""Significant digits of a fraction below one; larger numbers have as many decimals, and two digits more."""
MISSING = "NULL"


def is_number(values: Sequence[object]) -> bool:
    """Return whether a column holds numbers, and so is read from the right."""
    kinds = {type(value) for value in values if value is not None}
    return bool(kinds) and kinds <= {int, float, Decimal}


def texts_for_people(name: str, values: Sequence[object], missing: str = MISSING) -> list[str]:
    """Return the values of a column as a person reads them, each on one line."""
    if is_number(values):
        return _numbers(name, values, missing)
    if _is_days(values):
        return [missing if value is None else f"{value:%Y-%m-%d}" for value in values]
    return [missing if value is None else _text(value) for value in values]


def exact_text(value: object) -> str:
    """Return a value with everything that it holds, on one line."""
    if value is None:
        return MISSING
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S.%f}".removesuffix(".000000")
    if isinstance(value, list | dict):
        return printable_json(json.dumps(value, ensure_ascii=False, default=_plain_json))
    return printable(str(value))


def size_text(count: float) -> str:
    """Return a number of bytes in the unit that suits it.

    >>> size_text(999), size_text(22_600_000), size_text(1_500_000_000)
    ('999 B', '22.6 MB', '1.5 GB')
    """
    if abs(count) < 1000:
        return f"{count:.0f} B"
    for unit in ("kB", "MB", "GB"):
        count /= 1000
        if abs(count) < 999.95:
            return f"{count:.1f} {unit}"
    return f"{count / 1000:,.1f} TB"


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return exact_text(cut(value, CELL_CHARACTERS) if isinstance(value, str) else value)


def _is_days(values: Sequence[object]) -> bool:
    times = [value for value in values if value is not None]
    return bool(times) and all(isinstance(v, datetime) and v.time() == time() for v in times)


def _numbers(name: str, values: Sequence[object], missing: str) -> list[str]:
    numbers = [float(value) for value in values if isinstance(value, int | float | Decimal)]
    if _BYTES.search(name):
        return [missing if value is None else size_text(float(str(value))) for value in values]
    if _SHARES.search(name) and all(0 <= number <= 1 for number in numbers):
        decimals = 0 if all(number in (0, 1) for number in numbers) else 1
        return [missing if value is None else f"{float(str(value)):.{decimals}%}" for value in values]
    if all(isinstance(value, int | None) for value in values):
        form = "d" if _NUMBERS_OF_THINGS.search(name) else ",d"
        return [missing if value is None else format(value, form) for value in values]
    decimals = max(map(_decimals, numbers))
    return [missing if value is None else _fraction(float(str(value)), decimals) for value in values]


def _decimals(number: float) -> int:
    """Return how many decimals keep the significant digits of a number."""
    text = f"{number:.{_DIGITS}g}" if abs(number) < 1 else f"{number:.{_DIGITS + 2}g}"
    if "e" in text or "n" in text:
        return 0
    decimals = len(text.partition(".")[2])
    return decimals if abs(number) < 1 else min(_DIGITS, decimals)


def _fraction(number: float, decimals: int) -> str:
    is_extreme = number != 0 and not 1e-4 <= abs(number) < 1e15
    return f"{number:.{_DIGITS}g}" if is_extreme else f"{number:,.{decimals}f}"


def _plain_json(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime | date) else str(value)
