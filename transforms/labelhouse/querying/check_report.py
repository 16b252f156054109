"""Write what checks found, for a person or as CSV."""

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import astuple
from typing import TextIO

from labelhouse.printable import printable
from labelhouse.querying.checks.result import (
    FINDING_COLUMNS,
    Cause,
    Checked,
    CheckFinding,
    CheckResult,
    Example,
)
from labelhouse.sql_library.headers import SEVERITIES
from labelhouse.texts.csv_lines import csv_line
from labelhouse.texts.long_text import cut
from labelhouse.texts.percent import percent

EXAMPLES = 3
"""Examples of a cause."""
_ALL_EXAMPLES = 300
"""Examples of all causes: where there are many causes, each has fewer."""
_LISTED_MENDED = 20
_WIDTHS = (60, 140)


def write_csv(result: CheckResult, out: TextIO, *, only_new: bool = False, rows: int | None = None) -> None:
    """Write one line per finding, a column for each of its facts, and one per check that could not run.

    With `only_new` the findings are those that are new or mended; `rows` of each check are written.
    """
    out.write(csv_line((*FINDING_COLUMNS, "error")))
    for finding in listed_findings(result, only_new=only_new, rows=rows):
        out.write(csv_line((*astuple(finding), None)))
    if only_new:
        for finding in result.mended:
            out.write(csv_line((*astuple(finding), None)))
    for checked in result.checks:
        if checked.error is not None:
            empty = [None] * (len(FINDING_COLUMNS) - 2)
            out.write(csv_line((checked.name, checked.severity, *empty, checked.error)))


def listed_findings(
    result: CheckResult, *, only_new: bool = False, rows: int | None = None
) -> Iterable[CheckFinding]:
    """Yield the findings, at most `rows` of each check; with `only_new` those that are new."""
    counts: dict[str, int] = {}
    for finding in result.findings:
        if only_new and finding.status != "new":
            continue
        counts[finding.check] = counts.get(finding.check, 0) + 1
        if rows is None or counts[finding.check] <= rows:
            yield finding


def write_text(
    result: CheckResult,
    out: TextIO,
    *,
    only_new: bool = False,
    examples: int | None = None,
    width: int = 80,
) -> None:
    """Write the failing checks with their causes and examples, the worst first, and the totals.

    With `only_new` only new findings count, and those that have been mended are named.
    """
    causes = result.new_causes if only_new else result.causes
    shown = min(EXAMPLES, max(1, _ALL_EXAMPLES // max(len(causes), 1))) if examples is None else examples
    # Where all is new, as after a first run, it is enough to say so at the end.
    says_new = not only_new and any(cause.new < cause.findings for cause in causes)
    by_check: dict[str, list[Cause]] = {}
    for cause in causes:
        by_check.setdefault(cause.check, []).append(cause)
    failing = [c for c in result.checks if c.error or by_check.get(c.name) or (not only_new and c.count)]
    failing.sort(key=lambda checked: SEVERITIES.index(checked.worst_severity))
    for checked in failing:
        of_check = by_check.get(checked.name, [])
        _write_failing(checked, of_check, out, shown, width, only_new=only_new, says_new=says_new)
    if only_new:
        _write_mended(list(result.mended), out)
    else:
        passing = [checked.name for checked in result.checks if not checked.is_failing]
        if passing:
            out.write(_wrapped(f"nothing found: {', '.join(passing)}", width, "", "  "))
    out.write(_wrapped(totals(result, only_new=only_new), width, "", "  "))


def totals(result: CheckResult, *, only_new: bool = False) -> str:
    """Return in a line how many checks fail, and how many findings are new, waived and mended."""
    severities = [c.worst_severity for c in result.checks if c.error or _counts(c, only_new=only_new)]
    failing = [f"{severities.count(s)} with {_PLURALS[s]}" for s in SEVERITIES if s in severities]
    causes = result.causes
    findings = sum(cause.findings for cause in causes if cause.waived is None)
    new = sum(cause.new for cause in causes if cause.waived is None)
    waived = sum(cause.findings for cause in causes if cause.waived is not None)
    mended = 0 if result.mended_rows is None else result.mended_rows.num_rows
    return (
        f"{len(result.checks)} checks: {', '.join(failing) or 'none fails'}; "
        f"findings: {findings:,} open, {new:,} of them new; {mended:,} mended, {waived:,} waived"
    )


_PLURALS = {"error": "errors", "warning": "warnings", "info": "notes"}


def _counts(checked: Checked, *, only_new: bool) -> int:
    return sum((checked.new if only_new else checked.severities).values())


def _write_failing(
    checked: Checked,
    causes: Sequence[Cause],
    out: TextIO,
    examples: int,
    width: int,
    *,
    only_new: bool,
    says_new: bool,
) -> None:
    if checked.error is not None:
        out.write(f"{checked.severity} {checked.name}: could not run: {printable(cut(checked.error))}\n\n")
        return
    count = sum(cause.rows for cause in causes) if only_new else checked.count
    new = " new" if only_new else ""
    out.write(f"{checked.worst_severity} {checked.name}: {count:,}{new}  ({printable(checked.where)})\n")
    out.write(_wrapped(printable(f"{checked.summary} {checked.explanation}"), width, "  ", "  "))
    for cause in causes:
        words = cause_in_words(cause, checked, says_new=says_new)
        out.write(_wrapped(printable(words), width, "  ", "      "))
        if cause.waived is None:
            for example in cause.examples[:examples]:
                out.write(f"      {printable(example_in_words(example, cause))}\n")
    out.write("\n")


def cause_in_words(cause: Cause, checked: Checked | None = None, *, says_new: bool = True) -> str:
    """Return a cause in words: where it is, what it is unless the check says it, how much it concerns."""
    names = [name for name in (cause.project, cause.document_id) if name is not None]
    place = ", ".join(dict.fromkeys(cut(name) for name in names)) or "the warehouse"
    parts = [f"{cause.rows:,} {'row' if cause.rows == 1 else 'rows'}"]
    if cause.labels_share is not None:
        labels = f"{cause.labels:,} labels, " if cause.labels != cause.rows else ""
        parts.append(f"{labels}{percent(cause.labels_share)} of its labels")
    parts += [f"{count:,} {name}" for count, name in ((cause.documents, "documents"),) if count > 1]
    parts += [f"{count:,} {name}" for count, name in ((cause.images, "images"),) if count > 1]
    if cause.waived is not None:
        parts.append(f"waived: {cut(cause.waived)}")
    elif cause.new and says_new:
        parts.append("all new" if cause.new == cause.findings else f"{cause.new:,} new")
    is_said = checked is not None and checked.summary.startswith(cause.cause)
    severity = "" if checked is None or cause.severity == checked.worst_severity else f"{cause.severity}: "
    return f"{place}: {severity}{'' if is_said else cut(cause.cause) + ': '}{', '.join(parts)}"


def example_in_words(example: Example, cause: Cause) -> str:
    """Return an example of a cause: where it is, as far as the cause does not say so, and what is wrong."""
    places = (example.document_id, example.image_key, example.label_id)
    known = (cause.document_id, cause.project)
    where = dict.fromkeys(cut(place) for place in places if place is not None and place not in known)
    return ": ".join(part for part in (" ".join(where), cut(example.what or "")) if part)


def _write_mended(mended: Sequence[CheckFinding], out: TextIO) -> None:
    if not mended:
        return
    out.write(f"mended: {len(mended):,}\n")
    for finding in mended[:_LISTED_MENDED]:
        places = (finding.project, finding.document_id, finding.image_key, finding.label_id)
        where = " ".join(dict.fromkeys(cut(place) for place in places if place is not None))
        out.write(f"    {printable(f'{finding.check}: {where}: {cut(finding.what or str())}')}\n")
    if len(mended) > _LISTED_MENDED:
        out.write(f"    ... and {len(mended) - _LISTED_MENDED:,} more\n")
    out.write("\n")


def _wrapped(text: str, width: int, first: str, others: str) -> str:
    narrow, wide = _WIDTHS
    lines = textwrap.wrap(
        text,
        min(max(width, narrow), wide),
        initial_indent=first,
        subsequent_indent=others,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "".join(f"{line}\n" for line in lines)


def row_in_words(checked: Checked, row: Sequence[object]) -> str:
    """Return a row in words: where it is, then what is wrong; long texts are cut."""
    values = dict(zip(checked.columns, row, strict=True))
    places = ("project", "document_id", "image_key", "label_id")
    where = dict.fromkeys(cut(str(values[name])) for name in places if values.get(name) is not None)
    what = values.get("what")
    rest = "" if what is None else cut(str(what))
    if what is None:
        rest = ", ".join(
            f"{name}={cut(str(value))}" for name, value in values.items() if name not in places
        )
    return ": ".join([part for part in (" ".join(where), rest) if part])
