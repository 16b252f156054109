"""Write lines of CSV in the form of RFC 4180, except that each ends with a line feed."""

import re
from collections.abc import Iterable

_QUOTED = re.compile(r'["\r\n,]|^[#\s]|\s$')
"""Python's writer does not quote the carriage return where lines end with a line feed.

The other characters are for readers that trim fields or treat some lines as comments.
"""


def csv_line(values: Iterable[object]) -> str:
    """Return a line; null is empty, an empty text is in quotes, and so is null if it is the whole line."""
    fields = [_field(value) for value in values]
    # Readers skip empty lines.
    return (",".join(fields) if fields != [""] else '""') + "\n"


def _field(value: object) -> str:
    if value is None:
        return ""
    text = str(value)
    return '"' + text.replace('"', '""') + '"' if not text or _QUOTED.search(text) else text
