"""Keep what a query says about the file, and cut what is secret, where the name of an image is a URL.

Label Studio and others write `http://host/data/local-files/?d=set1/0000.jpg`: only the query tells the
images apart. docs/reliability.md explains the rule to users.
"""

import re
from base64 import b64decode
from binascii import Error as Base64Error
from urllib.parse import unquote

from labelhouse.texts.names import UUID
from labelhouse.texts.url_secrets import may_hold_secrets, name_without_secrets, without_secrets

_SEPARATOR = re.compile(r"&(?:amp;)?")
_DELIMITER = re.compile(r"[?&;#,|~\s(){}\[\]]")
_ODD = re.compile(r"[\"'<>`\\\x00-\x1f\x7f]")
"""Marks of texts that are more than a name; such a text loses its query as a whole."""
_SECRET_PREFIX = re.compile(
    r"x[_\-](?:amz|goog|oss|ms|cos|obs|bce|id\Z)|q-|response-|version_?id\Z|hdn", re.IGNORECASE
)
"""Parameters of stores: signatures, and what they are to answer with, which names no file."""
_SECRET_PART = re.compile(
    r"token|secret|signature|passw|credential|apikey|accesskey|accountkey|sharedkey|privatekey|signingkey"
    r"|subscriptionkey|sessionid|sessid|hmac|jwt|bearer|keypair|accessid"
)
_SECRET_NAMES = frozenset({
    *("key", "sig", "sign", "policy", "pwd", "pass", "auth", "oauth", "authkey", "authorization"),
    *("session", "sid", "se", "sv", "expires", "expire", "expiry", "expiration", "expireson", "exp"),
    *("nonce", "otp"),
})  # fmt: skip
_SIGNED_NAMES = frozenset({
    *("st", "sr", "sp", "spr", "sip", "ss", "srt", "sdd", "ses", "skoid", "sktid", "skt", "ske", "sks"),
    *("skv", "saoid", "suoid", "scid"),
})  # fmt: skip
"""Other parameters of an Azure signature, beside `sig`."""
_ID = re.compile(r"[A-Za-z0-9_\-]{1,64}")
_FILE = re.compile(r"[^?#]*\.[A-Za-z][A-Za-z0-9]{0,4}")
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
_PIECE = re.compile(r"[A-Za-z0-9]+")
_HASH = re.compile(r"[0-9a-f]{1,64}")
"""A hash in a path names a folder or a file; keys in Base64 may hold a slash too, but more characters."""
_LONG = 12
_ENDLESS = 40
_LETTERS_A_WORD = 3
_MOST_PASSES = 4


def file_name_without_secrets(name: str) -> str:
    """Return an image's file_name without secrets; parameters of a query that name the file stay.

    >>> file_name_without_secrets("http://u:p@host/?d=set1/0000.jpg&token=abc#top")
    'http://host/?d=set1/0000.jpg'
    >>> file_name_without_secrets("images/a.jpg?X-Amz-Signature=1")
    'images/a.jpg'
    """
    if not may_hold_secrets(name):
        return name
    for _ in range(_MOST_PASSES):
        shorter = _cut_once(name)
        if shorter == name:
            return name
        name = shorter
    return name_without_secrets(name)


def id_without_secrets(text: str) -> str:
    """Return an id without secrets; the address of a file keeps what its query says of the file.

    >>> id_without_secrets("http://host/?d=set1/0000.jpg&token=abc")
    'http://host/?d=set1/0000.jpg'
    >>> id_without_secrets("see http://host/?d=set1/0000.jpg")
    'see http://host/'
    """
    cut = without_secrets(text)
    if cut == text or " " in text:
        return cut
    name = file_name_without_secrets(text)
    return name if name.partition("?")[0] == cut else cut


def _cut_once(name: str) -> str:
    strict = name_without_secrets(name)
    if strict == name:
        return name
    head, mark, query = name.partition("?")
    is_plain = mark and not _ODD.search(head) and (head == strict or "#" not in head)
    if not is_plain or name_without_secrets(head) != strict:
        # Something other than a plain query is cut.
        return strict
    parameters = _SEPARATOR.split(query.partition("#")[0])
    names = {_plain(text.partition("=")[0]) for text in parameters if "=" in text}
    is_signed = any(_is_secret_name(key, False) for key in names)
    kept = [text for parameter in parameters if (text := _kept(parameter, is_signed))]
    if strict == head and kept == parameters and "#" not in query:
        return name
    return f"{strict}?{'&'.join(kept)}" if kept else strict


def _kept(parameter: str, is_signed: bool) -> str | None:
    """Return a parameter as it is to be stored, None if it may be secret."""
    key, mark, value = parameter.partition("=")
    if not mark:
        # The query is the name itself; beside a signature it may be a part of that.
        key, value = "", key
        if is_signed:
            return None
    if _is_secret_name(key, is_signed) or _is_random(unquote(key), ""):
        return None
    value = name_without_secrets(_before_secret(value))
    text = _unquoted(value)
    if _hides_secret(text):
        return None
    if _is_random(text, _plain(key)):
        text = _of_base64(text) or ""
        if not text or _hides_secret(text) or _is_random(text, ""):
            return None
    return f"{key}{mark}{value}"


def _before_secret(value: str) -> str:
    """Return a value up to a parameter after a semicolon that is known as secret."""
    parts = value.split(";")
    for index, part in enumerate(parts[1:], 1):
        if "=" in part and _is_secret_name(part.partition("=")[0], False):
            return ";".join(parts[:index])
    return value


def _hides_secret(value: str) -> bool:
    """Return whether a value holds a URL with secrets, or a parameter that is known as secret."""
    if _ODD.search(value) or name_without_secrets(value) != value:
        return True
    parts = _DELIMITER.split(value)
    return any("=" in part and _is_secret_name(part.partition("=")[0], False) for part in parts)


def _plain(key: str) -> str:
    return re.sub(r"[^a-z0-9]", "", unquote(key).lower())


def _is_secret_name(key: str, is_signed: bool) -> bool:
    plain = _plain(key)
    return (
        plain in _SECRET_NAMES
        or (is_signed and plain in _SIGNED_NAMES)
        or _SECRET_PART.search(plain) is not None
        or _SECRET_PREFIX.match(unquote(key)) is not None
    )


def _unquoted(value: str) -> str:
    for _ in range(_MOST_PASSES):
        shorter = unquote(value)
        if shorter == value:
            break
        value = shorter
    return value


def _is_random(text: str, key: str) -> bool:
    """Return whether a value has the entropy of a key rather than of a name, by how its characters change.

    >>> [_is_random(text, "d") for text in ("set1/0000.jpg", "frontCamera20240101", "9fK2xQ7bT0vLpW3z")]
    [False, False, True]
    """
    if _FILE.fullmatch(text) or (key.endswith(("id", "uuid")) and _ID.fullmatch(text)):
        return False
    is_path = "/" in text
    if not is_path and UUID.search(text):
        return True
    for piece in _PIECE.findall(text):
        if is_path and _HASH.fullmatch(piece):
            continue
        if len(piece) >= _ENDLESS:
            return True
        is_mixed = not (piece.isdigit() or piece.isalpha()) or not (piece.islower() or piece.isupper())
        if len(piece) >= _LONG and is_mixed and len(piece) < _LETTERS_A_WORD * len(_WORD.findall(piece)):
            return True
    return False


def _of_base64(text: str) -> str | None:
    """Return the printable text that a value spells in Base64, None if it spells none."""
    try:
        whole = text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4)
        plain = b64decode(whole, validate=True).decode("ascii")
    except (Base64Error, ValueError):
        return None
    return plain if plain.isprintable() else None
