"""Keep the secret parts of URLs (user info, query, fragment) out of everything stored or shown.

docs/reliability.md explains the rule to users. Three kinds of texts have a function each:

- `location`: a field that is a URL by its meaning. It is cut at the first `?` or `#`, then user info goes,
  up to the last `@` of the authority.
- `name_without_secrets`: a name of a file, a member or an image. A name that begins like a URL is cut like
  a URL. In any other name only a query is cut: a `?` before `name=`, or a parameter that is known.
- `without_secrets`: any other text. Each URL in it loses these parts. A path or host without a scheme loses
  its query too, if it is a host or the query holds a parameter known as secret.

Each mark may have its JSON, percent or HTML escape. Ordinary `?`, `#` and `@` stay.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from labelhouse.texts.url_patterns import (
    ESCAPED_MARK,
    OPENERS,
    PLAIN_URL,
    PORT,
    SCHEME_BEFORE,
    WHITE_SPACE,
    WORD,
    Patterns,
    patterns_for,
)

_CLOSERS = {'"': '"', "'": "'", "<": ">", "`": "`"}
_MOST_PASSES = 8
_MOST_USER = 512
"""Characters of user info that holds white space or slashes."""


def without_secrets(text: str) -> str:
    """Return the text with each URL in it cut down to scheme, host and path.

    >>> without_secrets("see https://user:pw@host/a.jpg?X-Amz-Signature=1#f")
    'see https://host/a.jpg'
    >>> without_secrets("is this a car? see #3, a@b")
    'is this a car? see #3, a@b'
    """
    if not _may_be_cut(text):
        return text
    if plain := PLAIN_URL.fullmatch(text):
        return plain[1]
    return _settled(_cut_once, text)


def location(url: str) -> str:
    """Return scheme, host and path of a URL, or the path of a reference without a scheme.

    >>> location("bucket/key.jpg?sig=1")
    'bucket/key.jpg'
    >>> location("https://user:p/w@host/a.jpg?sig=a b")
    'https://host/a.jpg'
    """
    if not may_hold_secrets(url):
        return url
    if plain := PLAIN_URL.fullmatch(url):
        return plain[1]
    return _settled(lambda text: without_secrets(_location_once(text)), url)


def name_without_secrets(name: str) -> str:
    """Return a name of a file, a member or an image without the secrets that a download left in it.

    >>> name_without_secrets("export.zip?X-Amz-Signature=1")
    'export.zip'
    >>> name_without_secrets("images/what?.jpg")
    'images/what?.jpg'
    """
    if not may_hold_secrets(name):
        return name
    if plain := PLAIN_URL.fullmatch(name):
        return plain[1]
    return _settled(lambda text: without_secrets(_name_once(text)), name)


def may_hold_secrets(text: str) -> bool:
    """Return whether a text may hold a secret part of a URL, by its marks; other texts stay as they are."""
    # Written out, because every text of a load comes here: a loop takes five times as long.
    if "?" in text or "#" in text or "@" in text or "=" in text:
        return True
    # Escaped marks, as in `%3F`, are rare: quick checks spare most texts the slow one.
    return ("\\" in text or "%" in text or "&#" in text) and ESCAPED_MARK.search(text) is not None


def _may_be_cut(text: str) -> bool:
    """Return whether a text has what a URL, user info or a parameter needs; plain questions do not."""
    return (
        "//" in text or "=" in text or "@" in text or "\\" in text or "%" in text or "&#" in text
    ) and may_hold_secrets(text)


def _settled(cut: Callable[[str], str], text: str) -> str:
    """Cut a text until nothing changes: the rest of a URL may be a URL again."""
    for _ in range(_MOST_PASSES):
        shorter = cut(text)
        if shorter == text:
            return text
        text = shorter
    return ""


def _location_once(url: str) -> str:
    patterns = patterns_for(url)
    start = patterns.name_start.match(url)
    head = start.end() if start else 0
    is_escaped = start is not None and start["plain"] is None
    end = (patterns.any_end if is_escaped else patterns.plain_end).search(url, head)
    rest = url[head:] if end is None else url[head : end.start()]
    slash = patterns.slash.search(rest)
    authority = rest[: slash.start()] if slash else rest
    has_password = _has_password(patterns, authority)
    # Without a scheme, `a@b` may be the name of a folder.
    if start or has_password:
        if ats := list(patterns.at.finditer(rest if has_password else authority)):
            rest = rest[ats[-1].end() :]
        elif end and has_password and patterns.at.search(url, end.start()):
            rest = rest[len(authority) :]
    return url[:head] + rest


def _name_once(name: str) -> str:
    patterns = patterns_for(name)
    if patterns.name_start.match(name):
        return _location_once(name)
    if query := patterns.parameter.search(name):
        name = name[: query.start()]
    if parameter := patterns.likely_parameter.search(name):
        name = name[: _query_start(patterns, name, parameter.start())]
    return name


def _cut_once(text: str) -> str:
    patterns = patterns_for(text)
    text = _Urls(text, patterns).cut()
    if patterns.at.search(text):
        text = patterns.user.sub(lambda match: match["slashes"] or "", text)
    # Without a scheme, the parameters decide.
    if patterns.equals.search(text):
        text = WORD.sub(partial(_word_without_secrets, patterns), text)
    return text


@dataclass(frozen=True, slots=True)
class _Start:
    """Where a URL begins in a text, and its authority; `is_escaped` if its marks are."""

    begin: int
    authority: int
    is_escaped: bool


class _Urls:
    """The URLs in a text that have a scheme, or that the text begins with."""

    def __init__(self, text: str, patterns: Patterns) -> None:
        self._text = text
        self._patterns = patterns
        self._starts = [start for match in patterns.url_start.finditer(text) if (start := _start(match))]
        beginning = patterns.text_start.match(text)
        self._is_url = beginning is not None
        if beginning and (not self._starts or self._starts[0].authority > beginning.end()):
            self._starts.insert(0, _Start(beginning.start("url"), beginning.end(), is_escaped=False))
        self._closers: dict[str, int] = {}

    def cut(self) -> str:
        """Return the text without user info, queries and fragments of its URLs."""
        kept, done = [], 0
        for index, start in enumerate(self._starts):
            if start.authority < done:
                continue
            following = self._starts[index + 1 : index + 2]
            limit = following[0].begin if following else len(self._text)
            closer = self._closer(start)
            kept.append(self._text[done : start.authority])
            done = self._user_end(start.authority, limit, is_quoted=closer is not None)
            query = self._query(done, limit, closer, is_escaped=start.is_escaped)
            if query is not None:
                kept.append(self._text[done:query])
                done = self._query_end(query, index, closer)
        kept.append(self._text[done:])
        return "".join(kept)

    def _closer(self, start: _Start) -> int | None:
        """Return where a quotation ends that begins with the URL, None if there is none."""
        text = self._text
        mark = _CLOSERS.get(text[start.begin - 1]) if start.begin else None
        if mark is None:
            return None
        if self._closers.get(mark, -1) < start.authority:
            end = text.find(mark, start.authority)
            self._closers[mark] = end if end >= 0 else len(text)
        end = self._closers[mark]
        return None if end == len(text) else _before_backslashes(text, end, start.authority)

    def _user_end(self, start: int, limit: int, *, is_quoted: bool) -> int:
        """Return where user info ends that begins at `start`."""
        text, patterns = self._text, self._patterns
        authority = self._authority(start)
        if ats := list(patterns.at.finditer(authority)):
            return start + ats[-1].end()
        if not _has_password(patterns, authority):
            return start
        most = min(limit, start + len(authority) + _MOST_USER)
        if not (self._is_url or is_quoted) and (line := text.find("\n", start, most)) >= 0:
            most = line
        at = patterns.at.search(text, start + len(authority), most)
        if at is None:
            return start
        if patterns.plain_end.search(text, start, at.start()):
            # It may also be a query with a `@`: both are removed.
            return _word_end(text, at.end())
        more = list(patterns.at.finditer(self._authority(at.end())))
        return at.end() + more[-1].end() if more else at.end()

    def _authority(self, start: int) -> str:
        end = self._patterns.authority_end.search(self._text, start)
        return self._text[start : end.start()] if end else self._text[start:]

    def _query(self, start: int, limit: int, closer: int | None, *, is_escaped: bool) -> int | None:
        """Return where the query or fragment of a URL begins, None if it has none."""
        # A URL in the path is cut by itself.
        most = max(start, limit if closer is None else min(closer, limit))
        ends = self._patterns.path_end_of_escaped if is_escaped else self._patterns.path_end
        end = ends.search(self._text, start, most)
        if end and end["query"]:
            return end.start()
        if self._is_url or closer is not None:
            # White space may stand in the path; then only text in the form of a query is one.
            end = self._patterns.parameter.search(self._text, start, most)
            return end.start() if end else None
        return None

    def _query_end(self, start: int, index: int, closer: int | None) -> int:
        """Return where the query at `start` ends: with its quotation, before the next URL, or its word."""
        text = self._text
        if closer is not None and closer >= start:
            return closer
        if not self._is_url:
            return _word_end(text, start)
        for following in self._starts[index + 1 :]:
            end = following.begin
            if end > start and text[end - 1].isspace():
                while end > start and text[end - 1].isspace():
                    end -= 1
                return end
        return len(text)


def _start(match: re.Match[str]) -> _Start | None:
    text, colon = match.string, match.start()
    scheme = SCHEME_BEFORE.search(text, max(0, colon - 31), colon)
    if scheme is None:
        return None
    return _Start(scheme.start(), match.end(), is_escaped=match[0] != "://")


def _has_password(patterns: Patterns, authority: str) -> bool:
    """Return whether a colon stands in an authority before something other than a port."""
    colon = patterns.colon.search(authority)
    if colon is None or authority.startswith("["):
        return False
    return PORT.fullmatch(authority, colon.end()) is None


def _word_end(text: str, start: int) -> int:
    end = WHITE_SPACE.search(text, start)
    return end.start() if end else len(text)


def _before_backslashes(text: str, position: int, start: int) -> int:
    """Return where the backslashes begin that escape a mark, for example in a text that holds JSON."""
    while position > start and text[position - 1] == "\\":
        position -= 1
    return position


def _word_without_secrets(patterns: Patterns, match: re.Match[str]) -> str:
    """Cut the query of a host, or one with a known parameter, where no scheme comes before it."""
    word = match[0]
    if not may_hold_secrets(word):
        return word
    opened = OPENERS.match(word)
    start = opened.end() if opened else 0
    query = _query_of_word(patterns, word, start)
    if query is None:
        return word
    mark = next((mark for mark in word[:start][::-1] if mark in _CLOSERS), None)
    mark = mark or ('"' if '"' in word[:query] else None)
    end = word.find(_CLOSERS[mark], query) if mark else -1
    return word[:query] + (word[_before_backslashes(word, end, query) :] if end >= 0 else "")


def _query_of_word(patterns: Patterns, word: str, start: int) -> int | None:
    """Return the offset from which a word without a scheme is secret, None if it is not."""
    if (host := patterns.host.match(word, start)) and (
        query := patterns.parameter.search(word, host.end())
    ):
        return query.start()
    if parameter := patterns.sure_parameter.search(word, start):
        return _query_start(patterns, word, parameter.start())
    if bare := patterns.bare_parameter.match(word, start):
        return bare.end()
    if parameter := patterns.likely_parameter.search(word, start):
        query_start = _query_start(patterns, word, parameter.start())
        return query_start if patterns.path_like.search(word, start, query_start) else None
    return None


def _query_start(patterns: Patterns, text: str, parameter: int) -> int:
    """Return where the query begins that holds a parameter."""
    for ends in (patterns.plain_end, patterns.any_end):
        match = ends.search(text)
        if match and match.start() <= parameter:
            return match.start()
    return parameter
