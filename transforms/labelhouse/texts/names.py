"""Make the names of sources, members and projects storable where they enter, whatever bytes they hold.

The system returns bytes that are not UTF-8 as halves of surrogate pairs. No database, JSON text or
terminal accepts those.
"""

import os
import re
from collections.abc import Sequence

from labelhouse.errors import UsageError
from labelhouse.reason_codes import ReasonCode
from labelhouse.texts.url_secrets import name_without_secrets, without_secrets

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
SHOWN_NAMES = 3
"""Names that a note or an error shows of many."""
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_LIKE_AN_ESCAPE = re.compile(r"\\(?:x[0-9a-f]{2}|u[0-9a-f]{4})")
_UNNAMED = "unnamed"


def is_storable(text: str) -> bool:
    """Return whether a text has a UTF-8 form and no NUL."""
    return _UNSTORABLE.search(text) is None


def storable(name: str) -> str:
    r"""Return a name with bytes that are not UTF-8 as backslash escapes; different names stay different.

    Backslashes are doubled in names that hold such bytes, or text that resembles an escape.

    >>> print(storable("caf\udce9.json"), storable("a\\b.json"), storable(r"caf\xe9.json"))
    caf\xe9.json a\b.json caf\\xe9.json
    """
    if is_storable(name) and not _LIKE_AN_ESCAPE.search(name):
        return name
    return _UNSTORABLE.sub(_escaped, name.replace("\\", "\\\\"))


def stored_name(name: str) -> str:
    """Return the name of a source or a member as it is stored and shown: storable, without secrets."""
    return storable(name_without_secrets(name)) or _UNNAMED


def unlike_names(names: list[str]) -> list[str]:
    """Return the stored names of the sources of a call; names that became equal are numbered.

    >>> unlike_names(["a.zip?sig=1", "a.zip?sig=2", "b", "b"])
    ['a.zip', 'a.zip~2', 'b', 'b']
    """
    taken: dict[str, str] = {}
    unlike = []
    for name in names:
        stored, number = stored_name(name), 1
        while taken.setdefault(stored, name) != name:
            number += 1
            stored = f"{stored_name(name)}~{number}"
        unlike.append(stored)
    return unlike


def some_of(names: Sequence[str], count: int, what: str) -> str:
    """Return the first SHOWN_NAMES of `count` names as text, and how many more there are.

    >>> some_of(["a", "b"], 1_002, "files")
    'a, b and 1,000 more files'
    """
    first = names[:SHOWN_NAMES]
    more = count - len(first)
    return ", ".join(first) + (f" and {more:,} more {what}" if more else "")


def refuse_unstorable(text: str, what: str) -> None:
    """Raise UsageError if a text that is to be stored, compared or run is not UTF-8, or holds NUL."""
    if not is_storable(text):
        raise UsageError(
            ReasonCode.USAGE, f"{what} is not UTF-8 text", remedy="write it in UTF-8, without NUL"
        )


def refuse_backslash(folder: str) -> None:
    """Raise UsageError for a path with a backslash, which DuckLake treats as the end of a folder's name."""
    if os.sep != "\\" and "\\" in folder:
        raise UsageError(
            ReasonCode.USAGE,
            "the path of the warehouse holds a backslash",
            where=folder,
            remedy="choose another with --warehouse",
        )


def refuse_unusable_project(project: str) -> None:
    """Raise UsageError unless a project's name can be stored and shown as it is."""
    refuse_unusable_name(project, "the project's name")


def refuse_unusable_name(name: str, what: str) -> None:
    """Raise UsageError unless a name can be stored and shown as it is; `what` says whose name it is."""
    refuse_unstorable(name, what)
    if without_secrets(name) != name:
        raise UsageError(
            ReasonCode.USAGE,
            f"{what} holds a secret part of a URL",
            remedy="give it a name of its own",
        )


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    # A byte that is not UTF-8, as os.fsdecode returns it, or NUL.
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code == 0 else f"\\u{code:04x}"
