"""Cut SQL into tokens where DuckDB's parser gives no tree; the parser sees the parts afterwards."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

# Characters besides those of ASCII that DuckDB treats as a space outside quotes.
_SPACES = r"\u00a0\u2000-\u200d\u202f\u205f\u2060\u3000\ufeff"
_LETTER = rf"(?:[A-Za-z_]|[^\x00-\x7f{_SPACES}])"
_TOKEN = re.compile(
    rf"""
    (?P<space> [ \t\n\r\f{_SPACES}]+ | --[^\r\n]* )
    | (?P<comment> /\* )
    | (?P<quoted> [eE]'(?:[^'\\]|\\.|'')*' | '(?:[^']|'')*' | "(?:[^"]|"")*"
        | \$(?P<tag>(?:{_LETTER}(?:{_LETTER}|[0-9])*)?)\$.*?\$(?P=tag)\$ )
    | (?P<word> {_LETTER}(?:{_LETTER}|[0-9$])* )
    | (?P<other> . )
    """,
    re.VERBOSE | re.DOTALL,
)
QUERY_WORDS = frozenset(
    {
        "describe",
        "desc",
        "from",
        "pivot",
        "pivot_longer",
        "pivot_wider",
        "select",
        "show",
        "summarize",
        "table",
        "unpivot",
        "values",
        "with",
    }
)
"""The words with which a query may begin."""
_COMMENT_END = re.compile(r"/\*|\*/")


@dataclass(frozen=True, slots=True)
class Token:
    """A word in lower case, a quoted text unchanged, or one other character."""

    kind: str
    text: str
    start: int
    end: int
    depth: int
    """How many brackets are open around the token; a bracket counts as outside itself."""


def tokens(sql: str) -> Iterator[Token]:
    """Yield the tokens of SQL, without white space and comments."""
    place, depth = 0, 0
    while place < len(sql):
        match = _TOKEN.match(sql, place)
        assert match is not None
        kind = match.lastgroup if match.lastgroup != "tag" else "quoted"
        assert kind is not None
        start, place = place, match.end()
        if kind == "comment":
            place = _after_comment(sql, place)
        elif kind != "space":
            text = match.group()
            depth -= text in (")", "]", "}")
            yield Token(kind, text.lower() if kind == "word" else text, start, place, depth)
            depth += text in ("(", "[", "{")


def _after_comment(sql: str, place: int) -> int:
    """Return where a comment ends, which may hold others; `place` stands after its beginning."""
    depth = 1
    while depth:
        match = _COMMENT_END.search(sql, place)
        if match is None:
            return len(sql)
        depth += 1 if match.group() == "/*" else -1
        place = match.end()
    return place


def statement_count(sql_tokens: Sequence[Token]) -> int:
    """Return how many statements there are, without the empty ones."""
    count, is_empty = 0, True
    for token in sql_tokens:
        if token.text == ";" and token.kind == "other":
            is_empty = True
        elif is_empty:
            count, is_empty = count + 1, False
    return count
