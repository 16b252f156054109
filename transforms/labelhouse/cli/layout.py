"""Lay out rows: the columns that fit a terminal, and everything, uncut, in a pipe or a file.

A terminal gets the columns that identify a row first and as many others as fit, each value on one line. A
last line says what is left out. One row or a few that are too wide become a line per value. A pipe or a
file gets every row, column and value as it is.
"""

import itertools
import re
import shutil
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size

from labelhouse.cli.people import MISSING, exact_text, is_number, texts_for_people

GAP = "  "
ELLIPSIS = "…"
RECORD_ROWS = 3
"""At most as many rows become a line per value."""
_LEAST = 8
_USUAL = 20
"""A text that has to give way keeps between these many characters: what tells its values apart."""
_HEAD = 16
"""A column's name keeps as many characters, unless all columns fit without."""
_LONGEST_PAD = 200
_PROSE = 36
"""Sentences get at least as many characters of a line, and several lines."""
_PROSE_SPACES = 3
_LAST_RANK = 2
_LITTLE = 4
"""A column that lacks as little gets it whole."""
_NOTE_LINES = 3
_NAMED_EMPTY = 3
_VALUE_LINES = 4
_NESTED = (list, dict)
_FOR_MACHINES = re.compile(
    r"(content_hash|statement_hash|sha256|fingerprint|blanks|extra|document_key|category_set|data_hash|position|polygons|rle_counts"
    r"|\w*_id_text)$"
)
"""Columns that join tables, or hold what no line can: they give way first."""


class Ways(NamedTuple):
    """What a command offers to see all columns, and all of a value."""

    columns: str
    values: str


OPTIONS = Ways("--columns A,B or --wide or --format csv", "--wide or --format csv")
_IDENTIFYING = frozenset(
    {
        *("project", "document_id", "document_title", "image_key", "label_id"),
        *("category_name", "category", "name", "change", "check", "what"),
    }
)
"""Columns that say what a row is about: they get room first."""


def terminal_width() -> int:
    """Return the columns of the terminal, or what the environment says they are."""
    return max(20, shutil.get_terminal_size().columns)


def fitting_lines(
    names: Sequence[str],
    rows: Sequence[Sequence[object]],
    width: int,
    *,
    ways: Ways = OPTIONS,
    as_records: bool = True,
    missing: str = MISSING,
) -> Iterator[str]:
    """Yield the lines of a table of at most `width` characters; the first is the head.

    The last lines say which columns are left out, and the `ways` to see them. With `as_records` a few rows
    that do not fit become a line per value. `missing` is for nulls.
    """
    columns = _columns(names, rows, missing)
    if _total([column.natural for column in columns]) <= width:
        yield from _table(columns, [column.natural for column in columns])
        return
    said = [column for column in columns if not column.is_empty] or columns
    chosen = _chosen(said, width)
    is_few = len(rows) == 1 or (1 < len(rows) <= RECORD_ROWS and len(chosen) < len(said))
    if as_records and is_few:
        yield from _records(columns, len(rows), width, ways)
        return
    widths = _widths(chosen, width)
    yield from _table(chosen, widths)
    left_out = [column.name for column in said if column not in chosen]
    is_cut = any(column.is_cut_at(width) for column, width in zip(chosen, widths, strict=True))
    empty = [column.name for column in columns if column not in said]
    yield from _note(left_out, empty, is_cut, width, ways)


def whole_lines(names: Sequence[str], batches: Iterable[Sequence[Sequence[object]]]) -> Iterator[str]:
    """Yield the head and the rows with every column and value, however long a line becomes.

    The first batch of rows says how wide the columns are; a later value that is longer stays whole.
    """
    widths: list[int] = []
    rights: list[bool] = []
    for rows in itertools.chain(batches, [[]]):
        texts = [[exact_text(value) for value in row] for row in rows]
        if not widths:
            columns = zip(names, *texts, strict=True)
            widths = [min(_LONGEST_PAD, max(map(cell_len, column))) for column in columns]
            rights = [is_number([row[place] for row in rows]) for place in range(len(names))]
            yield _line(names, widths, rights)
        for cells in texts:
            yield _line(cells, widths, rights)


def folded(line: str, width: int, indent: str = "  ") -> list[str]:
    """Return a line in lines of at most `width` characters, broken at spaces; a longer word stays whole."""
    if cell_len(line) <= width:
        return [line]
    own = line[: len(line) - len(line.lstrip())]
    return textwrap.wrap(
        line,
        width,
        initial_indent="",
        subsequent_indent=own + indent,
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
        replace_whitespace=False,
    )


@dataclass(eq=False)
class _Column:
    """A column with its texts, and what it needs of a line."""

    name: str
    place: int
    values: Sequence[object]
    missing: str

    def __post_init__(self) -> None:
        self.texts = texts_for_people(self.name, self.values, self.missing)
        self.is_number = is_number(self.values)
        longest = max(map(cell_len, self.texts), default=0)
        self.natural = max(cell_len(self.name), longest)
        texts = [text for text, value in zip(self.texts, self.values, strict=True) if value is not None]
        self._cut = self._telling_cut(texts)
        gives_way = any(isinstance(value, str | list | dict) for value in self.values)
        self.is_prose = longest > _PROSE and any(text.count(" ") > _PROSE_SPACES for text in texts)
        telling = _PROSE if self.is_prose else self._telling(texts) if gives_way else max(longest, _LEAST)
        self.narrowest = min(self.natural, telling)
        self.least = max(self.narrowest, min(_HEAD, cell_len(self.name)))
        self.is_repeated = False

    @property
    def comfortable(self) -> int:
        """The width that a column gets before those for machines get any."""
        return self.least if self.is_prose else max(self.least, min(self.natural, _USUAL))

    @property
    def is_empty(self) -> bool:
        """Whether all values are null."""
        return bool(self.values) and all(value is None for value in self.values)

    @property
    def rank(self) -> tuple[int, int]:
        """The order in which columns get room: those that say something, then those of machines."""
        is_nested = any(isinstance(value, _NESTED) for value in self.values)
        if is_nested or self.is_repeated or _FOR_MACHINES.match(self.name):
            return _LAST_RANK, self.place
        return int(self.name not in _IDENTIFYING), self.place

    def fitted(self, text: str, width: int) -> str:
        """Return a text in `width` characters, with an ellipsis for what is missing."""
        return text if cell_len(text) <= width else self._cut(text, width)

    def is_cut_at(self, width: int) -> bool:
        """Return whether something is missing in a column of this width."""
        if not self.is_prose or cell_len(self.name) > width:
            return self.natural > width
        return any(line.endswith(ELLIPSIS) for text in self.texts for line in self.lines(text, width))

    def lines(self, text: str, width: int) -> list[str]:
        """Return a text in lines of `width` characters: one, or for sentences a few, broken at spaces."""
        return _value_lines(self, text, width) if self.is_prose else [self.fitted(text, width)]

    def _telling_cut(self, texts: Sequence[str]) -> Callable[[str, int], str]:
        """Return how to cut texts so that most of them look different: sentences begin, paths end."""
        if any(" " in text for text in texts):
            return _without_end
        are_paths = bool(texts) and all("/" in text for text in texts)
        cuts = [_without_begin, _without_middle] if are_paths else [_without_end, _without_middle]
        kinds = set(texts)
        return max(
            cuts, key=lambda cut: len({cut(text, _USUAL) for text in kinds if cell_len(text) > _USUAL})
        )

    def _telling(self, texts: Sequence[str]) -> int:
        """Return the least width at which values that differ look different, up to what is usual."""
        for width in range(_LEAST, _USUAL):
            if len({self.fitted(text, width) for text in set(texts)}) == len(set(texts)):
                return width
        return _USUAL


def _without_end(text: str, width: int) -> str:
    return set_cell_size(text, width - 1).rstrip() + ELLIPSIS


def _without_begin(text: str, width: int) -> str:
    return ELLIPSIS + set_cell_size(text[::-1], width - 1).rstrip()[::-1]


def _without_middle(text: str, width: int) -> str:
    begin = (width - 1) // 2
    return set_cell_size(text, begin).rstrip() + _without_begin(text, width - begin)


def _columns(names: Sequence[str], rows: Sequence[Sequence[object]], missing: str) -> list[_Column]:
    """Return the columns of rows; one with the texts of an earlier one says nothing new."""
    columns = [
        _Column(name, place, [row[place] for row in rows], missing) for place, name in enumerate(names)
    ]
    seen: set[tuple[str, ...]] = set()
    for column in columns:
        texts = tuple(column.texts)
        column.is_repeated = not column.is_number and texts in seen
        seen.add(texts)
    return columns


def _chosen(columns: Sequence[_Column], width: int) -> list[_Column]:
    """Return the columns that fit, in their own order; those that identify a row get room first."""
    can_all_be_narrow = all(column.rank[0] < _LAST_RANK for column in columns)
    if can_all_be_narrow and _total([column.narrowest for column in columns]) <= width:
        return list(columns)
    chosen: list[_Column] = []
    for column in sorted(columns, key=lambda column: column.rank):
        is_last = column.rank[0] == _LAST_RANK
        needed = [one.comfortable if is_last else one.least for one in chosen]
        if _total([*needed, column.least]) <= width:
            chosen.append(column)
    return sorted(chosen or columns[:1], key=lambda column: column.place)


def _widths(columns: Sequence[_Column], width: int) -> list[int]:
    """Return the widths of the columns: the least of each, and parts of the rest."""
    leasts = [column.least for column in columns]
    if _total(leasts) > width:
        leasts = [column.narrowest for column in columns]
    widths = [min(least, width) for least in leasts]
    rest = width - _total(widths)
    for place in sorted(range(len(columns)), key=lambda place: columns[place].natural - widths[place]):
        lacking = sum(one.natural > widths[at] for at, one in enumerate(columns))
        lack = columns[place].natural - widths[place]
        more = lack if lack <= min(rest, _LITTLE) else min(lack, rest // max(1, lacking))
        widths[place] += max(0, more)
        rest -= max(0, more)
    return widths


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + len(GAP) * max(0, len(widths) - 1)


def _table(columns: Sequence[_Column], widths: Sequence[int]) -> Iterator[str]:
    rights = [column.is_number for column in columns]
    head = [column.fitted(column.name, width) for column, width in zip(columns, widths, strict=True)]
    yield _line(head, widths, rights)
    for texts in zip(*(column.texts for column in columns), strict=True):
        cells = [
            column.lines(text, width) for column, text, width in zip(columns, texts, widths, strict=True)
        ]
        for line in itertools.zip_longest(*cells, fillvalue=""):
            yield _line(line, widths, rights)


def _line(cells: Sequence[str], widths: Sequence[int], rights: Sequence[bool]) -> str:
    padded = []
    for cell, width, right in zip(cells, widths, rights, strict=True):
        padding = " " * (width - cell_len(cell))
        padded.append(padding + cell if right else cell + padding)
    return GAP.join(padded).rstrip()


def _records(columns: Sequence[_Column], count: int, width: int, ways: Ways) -> Iterator[str]:
    """Yield a line per value, and one for the columns that are null in all rows."""
    shown = [column for column in columns if not column.is_empty] or list(columns)
    margin = min(max(cell_len(column.name) for column in shown), width // 2)
    is_cut = False
    for row in range(count):
        yield f"row {row + 1} of {count}"
        for column in shown:
            room = max(_LEAST, width - margin - len(GAP))
            lines = _value_lines(column, column.texts[row], room)
            is_cut |= lines[-1].endswith(ELLIPSIS) or lines[0].startswith(ELLIPSIS)
            yield f"{set_cell_size(column.name, margin)}{GAP}{lines[0]}".rstrip()
            for line in lines[1:]:
                yield " " * margin + GAP + line
        if row < count - 1:
            yield ""
    empty = [column.name for column in columns if column not in shown]
    if empty:
        yield from folded(f"NULL in all rows: {', '.join(empty)}", width)
    if is_cut:
        yield from folded(f"{ELLIPSIS} is for more text; {ways.values} shows it", width)


def _value_lines(column: _Column, text: str, width: int) -> list[str]:
    """Return a value in a few lines, broken at spaces only."""
    lines = [column.fitted(line, width) for line in folded(text, width, indent="")] or [""]
    if len(lines) > _VALUE_LINES:
        lines = [*lines[: _VALUE_LINES - 1], column.fitted(" ".join(lines[_VALUE_LINES - 1 :]), width)]
    return lines


def _note(
    left_out: Sequence[str], empty: Sequence[str], is_cut: bool, width: int, ways: Ways
) -> Iterator[str]:
    """Yield the lines that say what is not shown: some names, the number of the others, and how to see."""
    if empty:
        names = ", ".join(empty) if len(empty) <= _NAMED_EMPTY else f"{len(empty)} columns"
        yield from folded(f"NULL in all rows: {names}", width)
    if not left_out:
        if is_cut:
            yield from folded(f"{ELLIPSIS} is for more text; {ways.values} shows it", width)
        return
    for shown in range(len(left_out), 0, -1):
        others = len(left_out) - shown
        names = ", ".join(left_out[:shown]) + (f" and {others} more" if others else "")
        lines = folded(f"left out: {names}; {ways.columns} shows them", width)
        if len(lines) <= _NOTE_LINES:
            break
    yield from lines
