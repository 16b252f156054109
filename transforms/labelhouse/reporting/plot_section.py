"""The form of most sections of the report: a note, a plot, and beside it the table of its numbers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from labelhouse.reporting.page import PageSection, details, figure, note
from labelhouse.reporting.rows import ReportData, ReportRows
from labelhouse.reporting.text import table

LISTED = 200
"""Rows of a table; the warehouse has all."""
BESIDE = 12
"""Rows of the table beside a plot; the rest opens on request."""

TableColumns = Mapping[str, str | Callable[[Any], object]]
"""The columns of a table by their headings: the name of a row's attribute, or what returns the value."""


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot: the note above it, what it says in words, and its caption.

    Without a picture, as where there is one night only, the words stand for it.
    """

    svg: bytes | None
    note: str
    words: str
    caption: str = ""


@dataclass(frozen=True, slots=True)
class PlotSection:
    """A section of one form: a note, a plot, and beside it the table of the rows.

    `rows` are those of the table. Without any the section only says `nothing`. The first `texts` columns
    hold names. Without columns there is no table.
    """

    anchor: str
    title: str
    rows: Callable[[ReportData], ReportRows]
    nothing: str
    draw: Callable[[ReportRows], Plot]
    table: str = ""
    columns: TableColumns = field(default_factory=dict)
    texts: int = 1

    def __call__(self, data: ReportData) -> PageSection:
        """Render the section of these rows."""
        rows = self.rows(data)
        if not rows:
            return PageSection(self.anchor, self.title, note(self.nothing), is_empty=True)
        plot = self.draw(rows)
        content = note(plot.words) if plot.svg is None else figure(plot.svg, plot.words, plot.caption)
        if self.columns:
            content = _beside(content, self.table, rows, self.columns, texts=self.texts)
        return PageSection(self.anchor, self.title, note(plot.note) + content)


def plot_of_first(
    svg: bytes, explained: str, caption: str, words: str, top: ReportRows, every: ReportRows
) -> Plot:
    """Return a plot of the first rows."""
    return Plot(svg, explained, f"{caption}. {words}", caption_of(caption, top, every))


def _beside(plot: str, caption: str, rows: ReportRows, columns: TableColumns, *, texts: int) -> str:
    """Return a plot with its numbers beside it: the first of them, and all on request."""
    numbers = _table(caption, rows[:BESIDE], columns, texts)
    if len(rows) > BESIDE:
        numbers += details(f"More of the {len(rows):,} rows", listed(caption, rows, columns, texts=texts))
    return f'<div class="pair"><div>{plot}</div><div>{numbers}</div></div>'


def caption_of(caption: str, top: ReportRows, every: ReportRows) -> str:
    """Return the caption of a plot of the first rows; it says how many there are if the plot lacks some."""
    return caption if len(top) == len(every) else f"{caption}: the first {len(top)} of {len(every):,}"


def listed(caption: str, rows: ReportRows, columns: TableColumns, *, texts: int = 1) -> str:
    """Return the table of the first rows; its caption says how many there are if it lacks some."""
    more = f"; the first {LISTED} of {len(rows):,}" if len(rows) > LISTED else ""
    return _table(caption + more, rows[:LISTED], columns, texts)


def _table(caption: str, rows: ReportRows, columns: TableColumns, texts: int) -> str:
    values = [attrgetter(value) if isinstance(value, str) else value for value in columns.values()]
    cells = [[value(row) for value in values] for row in rows]
    return table(caption, tuple(columns), cells, texts=texts)
