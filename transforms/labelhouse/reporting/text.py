"""Write names, numbers and tables as HTML; anything from a document appears as text."""

import html
from collections.abc import Iterable, Sequence
from datetime import date

from labelhouse.printable import printable
from labelhouse.texts.long_text import cut
from labelhouse.texts.percent import percent

Cell = object
NO_NAME = "(none)"


def shown(value: object) -> str:
    """Return a name as text, cut if it is long.

    It has no invisible characters, because they could reorder or hide others.
    """
    text = NO_NAME if value is None else str(value)
    if text == "":
        return "(empty)"
    return printable(cut(text))


def shortened(value: object, limit: int = 26) -> str:
    """Return a name for a plot; the end of a long name is left out."""
    text = shown(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def escaped(value: object) -> str:
    """Return a name as HTML."""
    return html.escape(shown(value), quote=True)


def number(value: object) -> str:
    """Return a count with thousands, a share as a percentage, a day as such; nothing for null."""
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case float():
            return percent(value)
        case date():
            return value.isoformat()[:10]
        case _:
            return shown(value)


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[Cell]], *, texts: int = 1) -> str:
    """Return a table that scrolls by itself; its first `texts` columns hold names, the others numbers."""
    body = "".join(
        f"<tr>{''.join(_cell(c, i < texts, i == 0) for i, c in enumerate(row))}</tr>" for row in rows
    )
    columns = "".join(
        f'<th scope="col"{"" if i < texts else " class=n"}>{html.escape(head)}</th>'
        for i, head in enumerate(heads)
    )
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{html.escape(caption)}"><table>'
        f"<caption>{html.escape(caption)}</caption>"
        f"<thead><tr>{columns}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _cell(value: Cell, is_text: bool, is_first: bool) -> str:
    if is_first:
        return f'<th scope="row">{escaped(value)}</th>'
    if is_text:
        return f"<td>{escaped(value)}</td>"
    return f"<td class=n>{html.escape(number(value))}</td>"
