"""Make the names of sources, members and projects storable where they enter, whatever bytes they hold.

The system returns bytes that are not UTF-8 as halves of surrogate pairs. No database, JSON text or
terminal accepts those.
"""

import os
import re

from labelhouse.errors import UsageError
from labelhouse.reason_codes import Code
from labelhouse.texts.url_secrets import name_without_secrets, without_secrets

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
    given: dict[str, str] = {}
    found = []
    for name in names:
        stored, number = stored_name(name), 1
        while given.setdefault(stored, name) != name:
            number += 1
            stored = f"{stored_name(name)}~{number}"
        found.append(stored)
    return found


def refuse_unstorable(text: str, what: str) -> None:
    """Raise UsageError if a text that is to be stored, compared or run is not UTF-8, or holds NUL."""
    if not is_storable(text):
        raise UsageError(Code.USAGE, f"{what} is no UTF-8 text", remedy="write it in UTF-8, without NUL")


def refuse_backslash(folder: str) -> None:
    """Raise UsageError for a path with a backslash, which DuckLake treats as the end of a folder's name."""
    if os.sep != "\\" and "\\" in folder:
        raise UsageError(
            Code.USAGE,
            "the path of the warehouse holds a backslash",
            where=folder,
            remedy="choose another with --warehouse",
        )


def refuse_unusable_project(project: str) -> None:
    """Raise UsageError unless a project's name can be stored and shown as it is."""
    refuse_unstorable(project, "the project's name")
    if without_secrets(project) != project:
        raise UsageError(
            Code.USAGE,
            "the project's name holds a secret part of a URL",
            remedy="give it a name of its own",
        )


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    # A byte that is not UTF-8, as os.fsdecode returns it, or NUL.
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code == 0 else f"\\u{code:04x}"
