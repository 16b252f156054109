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


def counted(count: int, one: str, several: str = "") -> str:
    """Return a count with its noun, in its number.

    >>> counted(1, "row"), counted(1200, "row"), counted(2, "class", "classes")
    ('1 row', '1,200 rows', '2 classes')
    """
    return f"{count:,} {one if count == 1 else several or one + 's'}"


def table(
    caption: str,
    heads: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    *,
    texts: int = 1,
    links: Sequence[str] = (),
    last_is_text: bool = False,
) -> str:
    """Return a table; its first `texts` columns hold names, the others numbers.

    A narrow page shows each row as a record, so that nothing is out of view. `links` are where the first
    cells lead.
    """
    last = len(heads) - 1 if last_is_text else -1

    def is_text(index: int) -> bool:
        return index < texts or index == last

    body = "".join(
        "<tr>"
        + "".join(
            _cell(c, heads[i], is_text(i), is_first=i == 0, link=links[n] if links and not i else "")
            for i, c in enumerate(row)
        )
        + "</tr>"
        for n, row in enumerate(rows)
    )
    columns = "".join(
        f'<th scope="col"{"" if is_text(i) else " class=n"}>{html.escape(head)}</th>'
        for i, head in enumerate(heads)
    )
    return framed_table(caption, columns, body)


def framed_table(caption: str, heads: str, body: str) -> str:
    """Return a table of these heads and rows, in a frame that scrolls if it must."""
    name = html.escape(caption)
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{name}"><table>'
        f"<caption>{name}</caption><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _cell(value: Cell, head: str, is_text: bool, *, is_first: bool, link: str) -> str:
    text = escaped(value) if is_text else html.escape(number(value))
    if is_first:
        return f'<th scope="row">{f"<a href={chr(34)}{link}{chr(34)}>{text}</a>" if link else text}</th>'
    kind = "" if is_text else " class=n"
    return f'<td{kind} data-h="{html.escape(head)}">{text}</td>'
