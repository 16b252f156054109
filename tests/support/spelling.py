"""Spell SQL in other ways that mean the same: case, white space, comments, quotes."""

from collections.abc import Callable, Sequence

from hypothesis import strategies as st
from labelhouse.sql_gate.tokens import tokens

SPACES = (" ", "\n", "\t", "\r\n", "\f", "  \n ")
COMMENTS = ("/**/", "/* a */", "/* /* b */ */", "/* ' \" ; $$ */", "-- c\n", "--'\n", "-- ; drop x\n")
UNICODE_SPACES = ("\u00a0", "\u2003", "\u3000")
"""DuckDB takes them for letters after a quote in a comment, or after text in dollars."""
QUIET = (*SPACES, *COMMENTS)
GAPS = (*SPACES, *UNICODE_SPACES, *COMMENTS)


@st.composite
def spelled(draw: st.DrawFn, sql: str, gaps: Sequence[str] = GAPS) -> str:
    """Draw a spelling of SQL in which words stand apart by single spaces."""
    text, last = "", None
    for token in tokens(sql):
        if last is not None:
            is_glued = last.end == token.start and "other" in (last.kind, token.kind)
            if not (is_glued and last.kind == token.kind):
                gap = draw(st.sampled_from(("", *gaps) if is_glued else gaps))
                # A comment that touches an operator makes another one of it.
                text += f" {gap}" if gap in COMMENTS and last.kind == "other" else gap
        text += draw(_token(sql[token.start : token.end], token.kind))
        last = token
    return text + draw(st.sampled_from(("", ";", " ;; ", "-- end", "/* end */")))


@st.composite
def _token(draw: st.DrawFn, text: str, kind: str) -> str:
    if kind == "word":
        ways: tuple[Callable[[str], str], ...] = (str, str.upper, str.title, str.swapcase)
        return draw(st.sampled_from(ways))(text)
    if kind == "quoted" and text[0] == "'":
        plain = text[1:-1].replace("''", "'")
        escaped = "".join(f"\\x{ord(c):02x}" if c.isascii() else c for c in plain)
        return draw(st.sampled_from((text, f"$${plain}$$", f"$a${plain}$a$", f"e'{escaped}'")))
    return text
