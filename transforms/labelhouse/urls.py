"""Keep the secret parts of URLs (user info, query, fragment) out of whatever is stored."""

import re

# A URL inside any text: up to white space, quotes, angle brackets or a backslash (JSON's escapes).
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*://)([^\s\"'<>\\]*)")


def without_secrets(text: str) -> str:
    """Return the text with each URL in it cut down to scheme, host and path.

    >>> without_secrets("see https://user:pw@host/a.jpg?X-Amz-Signature=1#f")
    'see https://host/a.jpg'
    """
    return _URL.sub(_stripped, text) if "://" in text else text


def location(url: str) -> str:
    """Return scheme, host and path of a URL, or the path of a reference without a scheme.

    >>> location("bucket/key.jpg?sig=1")
    'bucket/key.jpg'
    """
    return re.split(r"[?#]", without_secrets(url), maxsplit=1)[0]


def may_hold_secrets(text: str) -> bool:
    """Tell whether a text has what begins or ends a secret part of a URL; the others stay as they are."""
    return any(mark in text for mark in "?#@")


def _stripped(match: re.Match[str]) -> str:
    scheme, rest = match.groups()
    rest = re.split(r"[?#]", rest, maxsplit=1)[0]
    authority, slash, path = rest.partition("/")
    return scheme + authority.rpartition("@")[2] + slash + path
