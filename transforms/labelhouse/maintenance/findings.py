"""What `labelhouse verify` finds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: the check that found it, the file or table, and what."""

    check: str
    where: str
    what: str
