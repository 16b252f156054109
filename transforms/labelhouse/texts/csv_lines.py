"""Write lines of CSV as RFC 4180 has them, each ended by a line feed."""

import re
from collections.abc import Iterable

_QUOTED = re.compile(r'["\r\n,]|^[#\s]|\s$')
"""Python's writer leaves out the carriage return where lines end with a line feed.

The rest of it is for readers that trim fields or take a line for a comment.
"""


def csv_line(values: Iterable[object]) -> str:
    """Return a line; null is empty, an empty text is in quotes, as is null that is all of a line."""
    fields = [_field(value) for value in values]
    # Readers pass over empty lines.
    return (",".join(fields) if fields != [""] else '""') + "\n"


def _field(value: object) -> str:
    if value is None:
        return ""
    text = str(value)
    return '"' + text.replace('"', '""') + '"' if not text or _QUOTED.search(text) else text
