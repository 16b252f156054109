"""The parameters of a question: what header and SQL declare, and values for them from texts.

The header has meaning, range and default. The SQL has the type, as a cast; without a cast it is text:

    -- parameters: project (project; default null: all), min_iou (overlap, 0 to 1; default 0.9)
    ... where $project is null or labels.project = $project and iou >= $min_iou::double

A parameter without a default has to be given.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from labelhouse.errors import UsageError
from labelhouse.reason_codes import ReasonCode
from labelhouse.sql_library.headers import Pairs

Value = str | int | float | bool | date | None

_MEANING = re.compile(r"(?P<meaning>.*?)(?:; default (?P<default>[^:]+)(?:: (?P<note>.*))?)?", re.DOTALL)
_RANGE = re.compile(r"(-?[0-9.]+) (?:to (-?[0-9.]+)|or more)$")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: its type as a word, its meaning, and its value if it is not given."""

    name: str
    kind: str
    meaning: str
    is_required: bool
    default: Value = None
    default_means: str = ""
    """The effect of the default, where the value alone does not explain it."""
    least: float = -math.inf
    most: float = math.inf

    @property
    def description(self) -> str:
        """The whole parameter in words, for people."""
        if self.is_required:
            return f"{self.meaning}; required"
        shown = "null" if self.default is None else str(self.default)
        note = f": {self.default_means}" if self.default_means else ""
        return f"{self.meaning}; default {shown}{note}"


def parameters_of(pairs: Pairs, sql: str, where: str) -> tuple[Parameter, ...]:
    """Return the parameters of a header's pairs; raises UsageError if one breaks the form."""
    return tuple(_parameter(name, meaning, sql, where) for name, meaning in pairs)


def as_text(name: str, value: object) -> str:
    """Return a parameter as `bound` reads it.

    >>> as_text("min_iou", 0.8), as_text("is_open", True)
    ('min_iou=0.8', 'is_open=true')
    """
    return f"{name}={str(value).lower() if isinstance(value, bool) else value}"


def bound(parameters: Sequence[Parameter], texts: Sequence[str], where: str) -> dict[str, Value]:
    """Return the value of each parameter, from texts such as `min_iou=0.8` and the defaults.

    Values are bound, never put into the text of a statement. Raises UsageError, naming `where`, for a
    parameter that is unknown, given twice or missing, or whose value is not of its type.
    """
    known = {parameter.name: parameter for parameter in parameters}
    values: dict[str, Value] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise _wrong(where, "a parameter has no value", "write --param NAME=VALUE")
        if name not in known:
            names = f"it has {', '.join(known)}" if known else "it has none"
            raise _wrong(where, f"there is no parameter {_shown(name)}", names)
        if name in values:
            raise _wrong(where, f"the parameter {name} is given twice", "keep one of them")
        values[name] = _typed(known[name], value, where)
    for parameter in parameters:
        if parameter.name not in values and parameter.is_required:
            raise _wrong(
                where,
                f"the parameter {parameter.name} ({parameter.meaning}) is missing",
                f"add --param {parameter.name}=VALUE",
            )
        values.setdefault(parameter.name, parameter.default)
    return values


def _parameter(name: str, explained: str, sql: str, where: str) -> Parameter:
    match = _MEANING.fullmatch(explained)
    assert match is not None
    casts = set(re.findall(rf"\${name}\s*::\s*([a-z]+)", sql, re.IGNORECASE))
    if len(casts) > 1:
        raise _wrong(where, f"${name} is cast to several types", "cast it to one everywhere")
    [cast] = {cast.lower() for cast in casts} or {"varchar"}
    if cast not in _KINDS:
        raise _wrong(where, f"${name} is cast to {cast}", f"cast it to one of {', '.join(_KINDS)}")
    kind = _KINDS[cast]
    bounds = _RANGE.search(match["meaning"]) if kind in ("integer", "number") else None
    parameter = Parameter(
        name,
        kind,
        match["meaning"],
        is_required=match["default"] is None,
        default_means=match["note"] or "",
        least=float(bounds[1]) if bounds else -math.inf,
        most=float(bounds[2]) if bounds and bounds[2] else math.inf,
    )
    if match["default"] in (None, "null"):
        return parameter
    default = _typed(parameter, match["default"], where)
    return Parameter(
        name,
        kind,
        parameter.meaning,
        is_required=False,
        default=default,
        default_means=parameter.default_means,
        least=parameter.least,
        most=parameter.most,
    )


def _typed(parameter: Parameter, text: str, where: str) -> Value:
    """Return a text as a value of the parameter's type."""
    wanted, read = _READERS[parameter.kind]
    try:
        value = read(text)
    except (ValueError, KeyError):
        raise _wrong(where, f"the parameter {parameter.name} is not {wanted}", parameter.meaning) from None
    if isinstance(value, int | float) and not parameter.least <= value <= parameter.most:
        raise _wrong(
            where, f"the parameter {parameter.name} is out of its range", f"it means: {parameter.meaning}"
        )
    return value


def _whole(text: str) -> int:
    value = int(text)
    if not -(2**63) <= value < 2**63:
        raise ValueError
    return value


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError
    return value


_BOOLEANS: Mapping[str, bool] = {"true": True, "false": False}
_KINDS: Mapping[str, str] = {
    "varchar": "text",
    "bigint": "integer",
    "double": "number",
    "boolean": "boolean",
    "date": "date",
}
"""The types that a cast may name, and their words."""
_READERS: Mapping[str, tuple[str, Callable[[str], Value]]] = {
    "text": ("a text", str),
    "integer": ("a whole number", _whole),
    "number": ("a number", _finite),
    "boolean": ("true or false", lambda text: _BOOLEANS[text.lower()]),
    "date": ("a date such as 2026-01-31", date.fromisoformat),
}


def _shown(name: str) -> str:
    """Return a name from the command line in a form that stays on one line."""
    return name if name.isprintable() else ascii(name)


def _wrong(where: str, what: str, remedy: str) -> UsageError:
    return UsageError(ReasonCode.USAGE, what, where=where, remedy=remedy)
