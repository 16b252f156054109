"""Write what checks found, for a person or as CSV."""

from collections.abc import Sequence
from typing import TextIO

from labelhouse.printable import printable
from labelhouse.querying.check import Checked
from labelhouse.texts.csv_lines import csv_line
from labelhouse.texts.long_text import cut

_COLUMNS = ("check", "severity", "failing", "error", "row")


def write_csv(found: Sequence[Checked], out: TextIO) -> None:
    """Write one line per check and shown row; a check without rows has one line with an empty row."""
    out.write(csv_line(_COLUMNS))
    for checked in found:
        for row in [row_in_words(checked, row) for row in checked.rows] or [""]:
            values = [checked.name, checked.severity, checked.count, checked.error, row or None]
            out.write(csv_line(values))


def write_table(found: Sequence[Checked], out: TextIO) -> None:
    """Write the failing checks with their first rows, those that pass in one line, and the totals."""
    for checked in found:
        if checked.is_failing:
            _write_failing(checked, out)
    passing = [checked.name for checked in found if not checked.is_failing]
    if passing:
        out.write(f"nothing found: {', '.join(passing)}\n")
    failing = [checked for checked in found if checked.is_failing]
    errors = sum(checked.severity == "error" for checked in failing)
    out.write(f"{len(found)} checks: {errors} with errors, {len(failing) - errors} with warnings\n")


def _write_failing(checked: Checked, out: TextIO) -> None:
    if checked.error is not None:
        out.write(f"{checked.severity} {checked.name}: could not run: {printable(cut(checked.error))}\n\n")
        return
    out.write(f"{checked.severity} {checked.name}: {checked.count:,}  ({printable(checked.where)})\n")
    out.write(f"  {printable(checked.summary)} {printable(checked.explanation)}\n")
    for row in checked.rows:
        out.write(f"    {printable(row_in_words(checked, row))}\n")
    if checked.count > len(checked.rows):
        out.write(f"    ... and {checked.count - len(checked.rows):,} more\n")
    out.write("\n")


def row_in_words(checked: Checked, row: Sequence[object]) -> str:
    """Return a row in words: where it is, then what is wrong; long texts are cut."""
    values = dict(zip(checked.columns, row, strict=True))
    places = ("project", "document_id", "image_key", "label_id")
    found = dict.fromkeys(cut(str(values[name])) for name in places if values.get(name) is not None)
    what = values.get("what")
    rest = "" if what is None else cut(str(what))
    if what is None:
        rest = ", ".join(
            f"{name}={cut(str(value))}" for name, value in values.items() if name not in places
        )
    return ": ".join([part for part in (" ".join(found), rest) if part])
