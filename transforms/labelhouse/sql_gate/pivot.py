"""Make a tree for a PIVOT that finds its values in the data, for which DuckDB has none.

DuckDB runs `pivot t on a` as two statements: it makes a temporary type of the values of `a`, and selects.
With a list of values, `pivot t on a in ('x')` is one SELECT with a tree. The tree holds every other part
of the statement unchanged.
"""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from labelhouse.sql_gate.tokens import QUERY_WORDS, Token, tokens

_PIVOTS = frozenset({"pivot", "pivot_wider"})
_ENDS_COLUMNS = frozenset({"using", "group", "order", "limit", "offset", "fetch"})
_ENDS_PIVOT = _PIVOTS | frozenset({"union", "intersect", "except", "unpivot", "pivot_longer"})


@dataclass(frozen=True, slots=True)
class ListedPivot:
    """A statement in which each PIVOT has a list, and the text that the lists replaced."""

    sql: str
    """The statement with a list of one marker for each PIVOT that had none."""
    own: str
    """The original statement, with only white space added at the same places."""
    markers: Sequence[str]
    queries: Sequence[str]
    """The SELECTs that the lists replaced."""


@dataclass(frozen=True, slots=True)
class _ListPlace:
    start: int
    end: int
    query: tuple[int, int] | None
    """Start and end of a SELECT in the text that stands in place of the list."""


def listed_pivot(sql: str) -> ListedPivot:
    """Put a list of values into each PIVOT that has none."""
    places = sorted(_places(list(tokens(sql))), key=lambda place: place.start)
    listed, own, done = "", "", 0
    markers: list[str] = []
    queries: list[str] = []
    for place in places:
        # The PIVOT is inside a SELECT that a list has replaced already: that SELECT will be refused.
        if place.start < done:
            continue
        before = sql[done : place.start]
        markers.append(f"pivot_{secrets.token_hex(8)}")
        listed += f"{before} in ('{markers[-1]}') "
        own += f"{before} "
        if place.query is not None:
            queries.append(sql[slice(*place.query)])
            own += f"in (\n{queries[-1]}\n) "
        done = place.end
    return ListedPivot(listed + sql[done:], own + sql[done:], markers, queries)


def _places(sql_tokens: Sequence[Token]) -> Iterator[_ListPlace]:
    """Yield the places where a list is missing, or where a list has to replace a SELECT."""
    for number, token in enumerate(sql_tokens):
        if token.text in _PIVOTS and not _is_clause(sql_tokens[number + 1 :], token.depth):
            yield from _missing(_columns(sql_tokens[number + 1 :], token.depth), token.depth)


def _is_clause(sql_tokens: Sequence[Token], depth: int) -> bool:
    """Return whether PIVOT is followed by `(aggregates FOR column IN (values))`, which has its values."""
    if not sql_tokens or sql_tokens[0].text != "(":
        return False
    inner = _until(sql_tokens[1:], depth + 1, frozenset())
    return any(token.text == "for" and token.depth == depth + 1 for token in inner)


def _columns(sql_tokens: Sequence[Token], depth: int) -> Sequence[Token]:
    """Return the tokens between ON and USING or the next clause; the last ON is that of PIVOT."""
    pivot = _until(sql_tokens, depth, _ENDS_PIVOT)
    last = max(
        (place for place, token in enumerate(pivot) if token.text == "on" and token.depth == depth),
        default=None,
    )
    return () if last is None else _until(pivot[last + 1 :], depth, _ENDS_COLUMNS)


def _missing(sql_tokens: Sequence[Token], depth: int) -> Iterator[_ListPlace]:
    columns: list[list[Token]] = [[]]
    for token in sql_tokens:
        if token.text == "," and token.depth == depth:
            columns.append([])
        else:
            columns[-1].append(token)
    for column in columns:
        list_at = next((n for n, t in enumerate(column) if t.text == "in" and t.depth == depth), None)
        if column and list_at is None:
            yield _ListPlace(column[-1].end, column[-1].end, None)
        elif list_at is not None and _holds_query(column[list_at + 1 :]):
            query = (column[list_at + 1].end, column[-1].start)
            yield _ListPlace(column[list_at].start, column[-1].end, query)


def _holds_query(sql_tokens: Sequence[Token]) -> bool:
    if len(sql_tokens) < 3 or (sql_tokens[0].text, sql_tokens[-1].text) != ("(", ")"):
        return False
    return next((token.text for token in sql_tokens if token.text != "("), "") in QUERY_WORDS


def _until(sql_tokens: Sequence[Token], depth: int, ends: frozenset[str]) -> Sequence[Token]:
    """Return the tokens before the first one that ends the bracket or the statement, or is in `ends`."""
    for place, token in enumerate(sql_tokens):
        if token.depth < depth or (token.depth == depth and token.text in ends | {";"}):
            return sql_tokens[:place]
    return sql_tokens
