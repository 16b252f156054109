"""Keep the secret parts of URLs out of JSON texts, string by string."""

import json
import re
from collections.abc import Callable

from labelhouse.texts.file_name_queries import file_name_without_secrets
from labelhouse.texts.url_secrets import location, may_hold_secrets, name_without_secrets, without_secrets

_STRING = re.compile(r'"([^"\\]*(?:\\.[^"\\]*)*)"([ \t\r\n]*:[ \t\r\n]*)?', re.DOTALL)
_URL_KEY = re.compile(r"(?:.*[_\-. ])?(?:url|uri|href)s?|.*(?:Url|URL|Uri|URI)s?", re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")
_NAME_KEYS = frozenset({"filename", "fileName", "path", "file"})


def json_without_secrets(text: str) -> str:
    r"""Return a JSON text without the secret parts of URLs in its strings; the rest keeps its spelling.

    The value of a key such as `coco_url` is treated as a URL, that of `file_name` as a name.

    >>> json_without_secrets('{"url": "a/b?c", "text": "why? https:\\/\\/h\\/a\\u003fb"}')
    '{"url": "a/b", "text": "why? https://h/a"}'
    """
    if not may_hold_secrets(text):
        return text
    kept, done, key, key_end = [], 0, "", -1
    for match in _STRING.finditer(text):
        body, colon = match.groups()
        its_key = key if match.start() == key_end else ""
        if colon is not None:
            key, key_end = body, match.end()
        if not may_hold_secrets(body):
            continue
        value = json.loads(f'"{body}"', strict=False) if "\\" in body else body
        cleaned = _cleaner(its_key)(value)
        if cleaned != value:
            kept += [text[done : match.start()], _spelled(cleaned)]
            done = match.end(1) + 1
    return "".join([*kept, text[done:]])


def _cleaner(key: str) -> Callable[[str], str]:
    if key == "file_name":
        return file_name_without_secrets
    if key in _NAME_KEYS:
        return name_without_secrets
    return location if _URL_KEY.fullmatch(key) else without_secrets


def _spelled(value: str) -> str:
    text = json.dumps(value, ensure_ascii=False)
    # Half of a surrogate pair has no UTF-8 form: it stays an escape.
    return json.dumps(value) if _SURROGATE.search(text) else text
