"""Find the objects that a URL names: one object, all below a prefix, or those that a glob matches."""

import fnmatch
import re
from collections.abc import Callable, Iterator
from glob import has_magic

from labelhouse.errors import InputError
from labelhouse.sources.addresses import Address, address_of
from labelhouse.sources.object_store import listed, size_of


def expanded(url: str, is_export: Callable[[str], bool]) -> list[tuple[str, str, int]]:
    """Return the URL, the name and the size in bytes of each object that a URL names.

    The name is the key below the prefix or the fixed part of the glob, else the key's last part. The size
    is 0 if it is not known. Below a prefix only keys that `is_export` accepts count. A URL that names
    nothing, or whose store does not answer, is returned unchanged: opening it reports the error.
    """
    try:
        address = address_of(url)
        if address.is_web:
            return [(url, address.name, 0)]
        if has_magic(address.key):
            prefix = _fixed_part(address.key)
            pattern = _pattern(address.key)
            objects = [item for item in _below(address, prefix) if pattern.fullmatch(item[0])]
        else:
            if address.key and not address.key.endswith("/") and (size := size_of(address)) is not None:
                return [(url, address.name, size)]
            prefix = address.key.rstrip("/")
            objects = [item for item in _below(address, prefix) if is_export(item[0].rpartition("/")[2])]
    except InputError:
        return [(url, url.rstrip("/").rpartition("/")[2], 0)]
    start = len(prefix) + 1 if prefix else 0
    named = [(f"{address.root}/{key}", key[start:], size) for key, size in sorted(objects)]
    return named or [(url, address.name, 0)]


def is_hidden(relative: str) -> bool:
    """Return whether a file or key is in a hidden folder, or is a companion that macOS makes of a file.

    It is named below the folder or prefix that was given, with `/` between the parts.

    >>> [is_hidden(name) for name in ("a/.b.json", "a/._b.json", ".a/b.json")]
    [False, True, True]
    """
    *folders, name = relative.split("/")
    return name.startswith("._") or any(folder.startswith(".") for folder in folders)


def _below(address: Address, prefix: str) -> Iterator[tuple[str, int]]:
    """Yield the objects below a prefix that are not hidden, as in a folder."""
    start = len(prefix) + 1 if prefix else 0
    for key, size in listed(address, prefix):
        if not is_hidden(key[start:]):
            yield key, size


def _fixed_part(key: str) -> str:
    parts = key.split("/")
    first = next(index for index, part in enumerate(parts) if has_magic(part))
    return "/".join(parts[:first])


def _pattern(key: str) -> re.Pattern[str]:
    """Return the pattern of a glob: `*` stays within a part of the key, `**` goes through any number.

    >>> [bool(_pattern(glob).fullmatch("a/b/c.json")) for glob in ("a/*.json", "a/**/*.json")]
    [False, True]
    """
    parts = key.split("/")
    texts = []
    for index, part in enumerate(parts):
        is_last = index == len(parts) - 1
        if part == "**":
            texts.append(".*" if is_last else "(?:[^/]+/)*")
        else:
            wild = fnmatch.translate(part).removeprefix("(?s:").removesuffix(r")\Z")
            texts.append(wild.replace(".*", "[^/]*") + ("" if is_last else "/"))
    return re.compile("".join(texts), re.DOTALL)
