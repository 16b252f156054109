"""Take EXPLAIN apart, because DuckDB gives no tree for it."""

import itertools
from collections.abc import Sequence

from labelhouse.sql_gate.tokens import QUERY_WORDS, Token, tokens
from labelhouse.sql_gate.tree import refused

_FORMATS = frozenset({"default", "graphviz", "html", "json", "mermaid", "text", "yaml"})
_ANALYZE = ("analyze", "analyse")


def explained(sql: str) -> tuple[str, str] | None:
    """Return our own words for the EXPLAIN that SQL begins with, and what it explains; None if it has none.

    Raises QueryError for unknown options.
    """
    sql_tokens = [*itertools.dropwhile(lambda token: token.text == ";", tokens(sql))]
    if not sql_tokens or sql_tokens[0].text != "explain":
        return None
    rest = sql_tokens[1:]
    if rest and rest[0].text in _ANALYZE:
        return "explain analyze ", sql[rest[0].end :]
    if rest and rest[0].text == "(":
        inner = next((token.text for token in rest if token.text != "("), "")
        if inner not in QUERY_WORDS:
            return _with_options(sql, rest)
    return "explain ", sql[sql_tokens[0].end :]


def _with_options(sql: str, sql_tokens: Sequence[Token]) -> tuple[str, str]:
    """Read a list of options in brackets: ANALYZE, FORMAT and a name."""
    end = next((place for place, token in enumerate(sql_tokens) if token.text == ")"), None)
    if end is None:
        raise _unknown()
    is_analyzed, output_format = False, None
    for option in _options(sql_tokens[1:end]):
        if option in ([_ANALYZE[0]], [_ANALYZE[1]], [_ANALYZE[0], "true"], [_ANALYZE[1], "true"]):
            is_analyzed = True
        elif len(option) == 2 and option[0] == "format" and option[1].strip("'").lower() in _FORMATS:
            output_format = option[1].strip("'").lower()
        else:
            raise _unknown()
    options = ["analyze"] * is_analyzed + ([f"format '{output_format}'"] if output_format else [])
    return f"explain ({', '.join(options)}) ", sql[sql_tokens[end].end :]


def _options(sql_tokens: Sequence[Token]) -> list[list[str]]:
    options: list[list[str]] = [[]]
    for token in sql_tokens:
        if token.text == ",":
            options.append([])
        else:
            options[-1].append(token.text)
    return options


def _unknown() -> Exception:
    return refused(
        "EXPLAIN with other options than ANALYZE and FORMAT",
        "write: explain (analyze, format json) select ...",
    )
