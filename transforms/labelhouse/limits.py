"""Limits that no honest export meets: they bound memory, time and the parsers' recursion."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace

from labelhouse.errors import UsageError
from labelhouse.reason_codes import ReasonCode


@dataclass(frozen=True, slots=True)
class Limits:
    """What a source may ask of a parsing process; docs/reliability.md describes each.

    `ratio` is decoded bytes divided by bytes of the file; it counts from 64 MiB decoded on. `memory_bytes`
    is address space, where the system can limit it.
    """

    depth: int = 256
    record_bytes: int = 64 << 20
    document_bytes: int = 32 << 20
    attributes: int = 100_000
    members: int = 1_000
    ratio: int = 300
    decoded_bytes: int = 1 << 40
    memory_bytes: int = 8 << 30
    seconds: float = 6 * 3600


DEFAULT_LIMITS = Limits()

RATIO_FROM_BYTES = 64 << 20

BLOCK_BYTES = 3 << 19
"""Bytes that a reader takes from its stream at a time; a block of records is about as large."""


def limits_of(settings: Iterable[str]) -> Limits:
    """Return the default limits, changed by texts such as `depth=500`; raises UsageError."""
    limits = Limits()
    names = [field.name for field in fields(Limits)]
    for setting in settings:
        name, _, value = setting.partition("=")
        if name not in names or not (value.isascii() and value.isdigit() and int(value) > 0):
            raise UsageError(
                ReasonCode.USAGE,
                f"--limit takes NAME=NUMBER with NAME one of {', '.join(names)}",
                where=setting,
                remedy="give a positive whole number",
            )
        limits = replace(limits, **{name: int(value)})
    return limits
