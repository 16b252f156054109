"""Addresses of sources: what a URL names, and where it may lead."""

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from labelhouse.errors import InputError
from labelhouse.reason_codes import ReasonCode

BUCKETS = ("s3", "gs", "az")
"""Schemes of object stores, whose objects have a bucket (or container) and a key."""
WEB = ("https", "http")
ALLOW_HTTP = "LABELHOUSE_ALLOW_HTTP"
"""The environment variable that allows http:// to other machines than this one."""

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://", re.ASCII)
_LOOPBACK = re.compile(r"localhost|127(?:\.\d{1,3}){3}|::1", re.ASCII)


@dataclass(frozen=True, slots=True)
class Address:
    """A URL of a source.

    `root` is what a store is opened for: the bucket, or a whole web address with its query. `key` is the
    object's key in a bucket as it is written there, without escapes; empty for a web address.
    """

    scheme: str
    root: str
    key: str

    @property
    def is_web(self) -> bool:
        """Return whether it is one file of a web server, which lists nothing."""
        return self.scheme in WEB

    @property
    def name(self) -> str:
        """The last part of the path, without query and escapes."""
        path = unquote(urlsplit(self.root).path) if self.is_web else self.key
        return path.rstrip("/").rpartition("/")[2]


def is_url(text: str) -> bool:
    """Return whether a source is named by a URL.

    >>> is_url("s3://bucket/a.json"), is_url("exports/a.json")
    (True, False)
    """
    return _URL.match(text) is not None


def local_path(source: str) -> str:
    """Return the path that a file: URL names; other texts as they are.

    >>> local_path("file:///data/a%20b.json"), local_path("a.json")
    ('/data/a b.json', 'a.json')
    """
    if not source.lower().startswith("file://"):
        return source
    # Imported here because it brings the whole client for the web.
    from urllib.request import url2pathname

    parts = urlsplit(source)
    return url2pathname(parts.path) if parts.netloc in ("", "localhost") else source


def address_of(url: str) -> Address:
    """Return the address of a URL; raises InputError for one that is not read."""
    match = _URL.match(url)
    scheme = match[1].lower() if match else ""
    if match is None or scheme not in (*BUCKETS, *WEB):
        raise _refused(
            f"{scheme}: addresses are not read",
            "give a path, or an address that begins with s3://, gs://, az:// or https://",
        )
    if scheme in WEB:
        if not _host(url):
            raise _refused("the address names no host", "check the address")
        # A fragment is of a page, not of a file.
        return Address(scheme, url.partition("#")[0], "")
    bucket, _, key = url[match.end() :].partition("/")
    if not bucket or "@" in bucket:
        raise _refused("the address names no bucket", "write s3://BUCKET/KEY, without keys or passwords")
    return Address(scheme, f"{scheme}://{bucket}", key)


def is_this_machine(url: str) -> bool:
    """Return whether a web address leads to this machine.

    >>> is_this_machine("http://localhost:8000/a.json"), is_this_machine("http://example.org/")
    (True, False)
    """
    return _LOOPBACK.fullmatch(_host(url)) is not None


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _refused(what: str, remedy: str) -> InputError:
    return InputError(ReasonCode.SOURCE_UNREADABLE, what, remedy=remedy)
