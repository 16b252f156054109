"""Recognise the JSON text of a document, with the signatures of its images' URLs left out."""

import hashlib
import re

_URL_KEY = b'"coco_url"'
_ESCAPED = b"\\u00"
_LONGEST_URL = 1 << 14
_QUERY = re.compile(
    rb'("coco_url"[ \t\r\n]*:[ \t\r\n]*"'
    rb"[A-Za-z][A-Za-z0-9+.\-]{1,30}://[A-Za-z0-9.\-_]+(?::[0-9]{1,5})?/[A-Za-z0-9._~!$()*,:/\-]*\?)"
    rb'[!#-\[\]-~]*"'
)
"""A URL that url_patterns.PLAIN_URL matches, as JSON without escapes, and its query."""


def digest_of_text(text: bytes) -> str:
    """Return a digest of a document's text, in which the queries of plain `coco_url`s do not count.

    Texts with the same digest are the same JSON apart from such queries. They mean the same if each
    `coco_url` of one of them is a key of an image: see `urls_named`. A text without a question mark has no
    query.

    >>> url = b'[{"coco_url": "https://host/a.jpg?%b"}]'
    >>> digest_of_text(url % b"sig=1") == digest_of_text(url % b"sig=2")
    True
    >>> digest_of_text(b'{"title": "a?1"}') == digest_of_text(b'{"title": "a?2"}')
    False
    """
    first = text.find(b"?")
    if first < 0:
        return hashlib.sha256(text).hexdigest()[:32]
    # The search for the mark is much faster than the pattern, which is for the images only.
    start = max(0, first - _LONGEST_URL)
    end = text.rfind(b"?") + _LONGEST_URL
    view = memoryview(text)
    digest = hashlib.sha256(view[:start])
    digest.update(_QUERY.sub(rb'\1"', text[start:end]))
    digest.update(view[end:])
    return digest.hexdigest()[:32]


def urls_named(text: bytes) -> int | None:
    """Return how often a text with queries has the key `coco_url`; None if it may be spelled otherwise."""
    if b"?" not in text:
        return 0
    count = text.count(_URL_KEY)
    return None if count and _ESCAPED in text else count
