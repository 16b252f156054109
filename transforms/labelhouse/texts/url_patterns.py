"""The forms of URLs and their secret parts, with their marks as they are or escaped.

All patterns are bounded where they could scan the same characters again and again.
"""

import re
from functools import cache

ESCAPES = ("\\", "%", "&#")
"""If a text has none of these, no mark in it is escaped."""
ESCAPED_MARK = re.compile(
    r"\\(?:u00|x)(?:3f|23|40|3d)|%(?:25){0,8}(?:3f|23|40|3d)"
    r"|&#(?:0{0,6}(?:63|35|64|61)|x0{0,6}(?:3f|23|40|3d));",
    re.IGNORECASE,
)
PLAIN_URL = re.compile(
    r"([A-Za-z][A-Za-z0-9+.\-]{1,30}://[A-Za-z0-9.\-_]+(?::[0-9]{1,5})?/[A-Za-z0-9._~!$()*,:/\-]*)(?:[?#]\S*)?"
)
"""A URL in the usual form, up to its query: it has neither a mark nor an escape."""

PORT = re.compile(r"[0-9]{0,5}")
WORD = re.compile(r"\S+")
WHITE_SPACE = re.compile(r"\s")
OPENERS = re.compile(r"[\"'<>(\[{`,;]*")
SCHEME_BEFORE = re.compile(r"[a-z][a-z0-9+.\-]{0,30}\Z", re.IGNORECASE)

_SCHEME = r"[a-z][a-z0-9+.\-]{1,30}"
_SURE = (
    r"(?:x-(?:amz|goog|oss|ms|cos|obs)-[\w\-]{1,64}|q-signature|awsaccesskeyid|googleaccessid|ossaccesskeyid"
    r"|key-pair-id|(?:access|id|refresh|auth|bearer|session|security|sas)[_\-]?token|api[_\-]?key"
    r"|client[_\-]?secret)"
)
_LIKELY = (
    r"(?:signature|sig|token|policy|expires|passw(?:or)?d|pwd|secret|credentials?|auth(?:orization)?"
    r"|hmac)"
)


class Patterns:
    """Patterns for texts of one kind: those that may hold escaped marks, and those that do not."""

    def __init__(self, *, are_escaped: bool) -> None:
        def spelled(character: str) -> str:
            """Return a pattern of a character: itself, or its JSON, percent or HTML escape."""
            plain, code = re.escape(character), f"{ord(character):02x}"
            if not are_escaped:
                return plain
            html = rf"&#(?:0{{0,6}}{ord(character)}|x0{{0,6}}{code});"
            return rf"(?:{plain}|\\{{1,8}}(?:u00|x){code}|%(?:25){{0,8}}{code}|{html})"

        def compiled(text: str) -> re.Pattern[str]:
            return re.compile(text, re.IGNORECASE)

        colon, at, equals, question, fragment = map(spelled, ":@=?#")
        slash = rf"(?:\\{{1,8}}/|{spelled('/')})" if are_escaped else "/"
        any_end = rf"(?:{question}|{fragment})"
        # In a URL that is not encoded as a whole, `%3F` belongs to the path.
        plain_end = r"(?:[?#]|\\{1,8}(?:u00|x)(?:3f|23)|&#(?:0{0,6}(?:63|35)|x0{0,6}(?:3f|23));)"
        plain_end = plain_end if are_escaped else "[?#]"
        delimiter = rf"(?:{any_end}|{spelled('&')}(?:amp;)?|;)"
        host = (
            r"(?:(?:[a-z0-9_\-]{1,63}\.){1,12}[a-z]{2,24}|[0-9]{1,3}(?:\.[0-9]{1,3}){3}|localhost)"
            rf"(?:{colon}[0-9]{{1,5}})?{slash}"
        )
        # The name holds no delimiter, so a list of many names is scanned once.
        user = (
            rf"(?:(?!{colon}|{at}|{slash})[^\s?#\"'`(<>\[{{=,;]){{0,256}}"
            rf"{colon}[^\s/?#\"<>]{{0,1024}}{at}"
        )
        url = rf"{_SCHEME}{colon}{slash}{{2}}"

        self.at, self.colon, self.slash = compiled(at), compiled(colon), compiled(slash)
        self.equals = compiled(equals)
        self.any_end, self.plain_end = compiled(any_end), compiled(plain_end)
        self.sure_parameter = compiled(rf"{delimiter}{_SURE}{equals}")
        """A parameter whose name shows its meaning in any text."""
        self.bare_parameter = compiled(rf"{_SURE}(?={equals})")
        self.likely_parameter = compiled(rf"{delimiter}(?:{_SURE}|{_LIKELY}){equals}")
        """A parameter that is secret in the query of a path or a host."""
        self.parameter = compiled(rf"{question}(?:amp;)?[\w.~\-\[\]]{{1,100}}{equals}")
        """The beginning of a query."""
        self.path_like = compiled(rf"\.|{slash}")
        self.url_start = compiled(rf"{colon}{slash}{{2}}")
        self.name_start = compiled(rf"\s*(?:(?P<plain>(?:{_SCHEME}:)?//|{_SCHEME}:/)|{url}|{slash}{{2}})")
        """The beginning of a name that is a URL; in a path, two slashes may have become one."""
        self.text_start = compiled(
            rf"\s*[\"'<(\[`]{{0,2}}(?P<url>{url}|{slash}{{2}}(?=[^\s/])|(?=(?:{user})?{host}))"
        )
        self.authority_end = compiled(rf"{slash}|[?#\s\"<>]")
        self.path_end = compiled(rf"(?P<query>{plain_end})|[\s\"<>]")
        self.path_end_of_escaped = compiled(rf"(?P<query>{any_end})|[\s\"<>]")
        self.host = compiled(rf"(?:{slash}{{2}})?{host}")
        self.user = compiled(
            rf"(?<![^\s\"'`(<>\[{{=,;])(?P<slashes>{slash}{{2}})?{user}(?(slashes)|(?={host}))"
        )
        """User info without a scheme before it: after two slashes, or before a host and a path."""


def patterns_for(text: str) -> Patterns:
    """Return the patterns that suit a text; those without escapes are several times as fast."""
    return _patterns(any(escape in text for escape in ESCAPES))


@cache
def _patterns(are_escaped: bool) -> Patterns:
    # Compiled at the first use: it takes longer than many commands have to read.
    return Patterns(are_escaped=are_escaped)
