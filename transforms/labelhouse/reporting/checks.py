"""The checks in the report: which fail, the causes of their findings, and what to look at first."""

import html
from types import SimpleNamespace

from labelhouse.reporting.check_headers import check_header
from labelhouse.reporting.page import PageSection, details, figure, note, severity_mark
from labelhouse.reporting.plot_section import TableColumns, listed
from labelhouse.reporting.plots import GREEN, GREY, RED, columns
from labelhouse.reporting.rows import FIRST, ReportData, ReportRows
from labelhouse.reporting.text import counted, escaped, framed_table, number
from labelhouse.texts.percent import percent


def is_failing(row: SimpleNamespace) -> bool:
    """Return whether a check has open findings, or could not run."""
    return bool(row.rows) or row.error is not None


def failing_checks(data: ReportData) -> list[SimpleNamespace]:
    """Return the failing checks, the worst first: those that could not run, errors, warnings, notes.

    Waived findings do not count.
    """
    rows = [row for row in _judged(data) if is_failing(row)]
    order = ("error", "warning", "info")
    return sorted(
        rows, key=lambda row: (row.error is None, order.index(row.severity), -row.rows, row.check_name)
    )


def _judged(data: ReportData) -> list[SimpleNamespace]:
    """Return each check with its open rows by severity; a row's severity may differ from the check's."""
    open_rows = {row.check_name: row for row in data.open_findings}
    waived = {row.check_name for row in data.causes if row.status == "waived"}
    judged = []
    for check in data.checks:
        opened = open_rows.get(check.check_name)
        if opened is None:
            # A warehouse that was checked before findings were kept has counts only.
            rows = 0 if check.check_name in waived else check.failing or 0
            counts = {"error": 0, "warning": 0, "info": 0, check.severity: rows}
            new = 0
        else:
            counts = {"error": opened.errors, "warning": opened.warnings, "info": opened.notes}
            rows, new = sum(counts.values()), opened.new_rows
        worst = next((severity for severity in counts if counts[severity]), check.severity)
        judged.append(
            SimpleNamespace(
                check_name=check.check_name,
                severity="error" if check.error else worst,
                error=check.error,
                rows=rows,
                errors=counts["error"],
                warnings=counts["warning"],
                notes=counts["info"],
                new_rows=new,
                is_waived=check.check_name in waived,
            )
        )
    return judged


def checks(data: ReportData) -> PageSection:
    """Show the findings by night, their causes, and which checks pass."""
    if not data.checks:
        text = "The checks have not been run: labelhouse check runs them and keeps what they find."
        return PageSection("checks", "Causes", note(text), is_empty=True)
    passing = [row for row in _judged(data) if not is_failing(row)]
    content = _nights(data.finding_nights) + _causes(data.causes)
    if not content:
        content = note("No finding is open.")
    if waived := ", ".join(row.check_name for row in passing if row.is_waived):
        content += note(f"All findings of these checks are waived: {waived}.")
    if passed := [row.check_name for row in passing if not row.is_waived]:
        text = f"<p>{html.escape(', '.join(passed))}</p>"
        content += details(f"{counted(len(passed), 'check passes', 'checks pass')}", text)
    return PageSection("checks", "Causes", content)


def what_first(data: ReportData) -> PageSection:
    """Show the images, documents and classes with the most findings, weighted by severity."""
    if not data.first:
        return PageSection("first", "What first", note("No finding is open."), is_empty=True)
    explained = note(
        "What has the most open findings goes back first. An error counts 10, a warning 3, a note 1. A "
        "cause with more than 1,000 rows in a document counts as 1,000, and for no single image."
    )
    tables = ""
    for kind, title in (("document", "Documents"), ("image", "Images"), ("class", "Classes")):
        rows = [row for row in data.first if row.kind == kind]
        if rows:
            caption = title if len(rows) < FIRST else f"{title}: the first {FIRST}"
            tables += listed(caption, rows, _FIRST[kind], texts=len(_FIRST[kind]) - 4)
    return PageSection("first", "What first", explained + tables)


def _title(row: SimpleNamespace) -> object:
    return row.document_title or row.document_id


_SCORES: TableColumns = {"Score": "score", "Errors": "errors", "Warnings": "warnings", "Notes": "notes"}
_FIRST: dict[str, TableColumns] = {
    "document": {"Document": _title, "Project": "project", "Checks": "checks", **_SCORES},
    "image": {
        "Image": "image_key",
        "Document": _title,
        "Project": "project",
        "Checks": "checks",
        **_SCORES,
    },
    "class": {"Class": "category_name", "Project": "project", "Checks": "checks", **_SCORES},
}


def _nights(rows: ReportRows) -> str:
    """Return the plot of findings by night, if there is more than one night."""
    if not rows:
        return ""
    last, nights = rows[0], list(reversed(rows))
    still = (
        f"{counted(last.open_findings, 'finding is', 'findings are')} open, each for one row or for many."
    )
    if len(nights) < 2:
        return note(still)
    summary = (
        f"{still} The night of {last.night} added {number(last.new)} and mended {number(last.mended)}"
        f"{f'; first checks of a project saw {number(last.first_checks)}' if last.first_checks else ''}."
    )
    names = [row.night for row in nights]
    changed = columns(
        names,
        [
            ("new", [row.new for row in nights], RED),
            ("mended", [row.mended for row in nights], GREEN),
        ],
    )
    still_open = columns(names, [("open", [row.open_findings for row in nights], GREY)])
    return (
        note(summary)
        + '<div class="pair"><div>'
        + figure(changed, f"Findings added and mended by night. {summary}", "New and mended findings")
        + "</div><div>"
        + figure(still_open, f"Findings open after each night. {summary}", "Open findings")
        + "</div></div>"
        + details(
            "Numbers",
            listed(
                "Findings by night",
                rows,
                {
                    "Night": "night",
                    "First checks": "first_checks",
                    "New": "new",
                    "Mended": "mended",
                    "Open": "open_findings",
                },
            ),
        )
    )


_CAUSE_HEADS = ("Cause", "Severity", "Project", "Documents", "Rows", "Share of labels")
CAUSES = 12
"""Causes that the report shows at once; the others open on request."""


def _causes(rows: ReportRows) -> str:
    if not rows:
        return ""
    content = _cause_table("Causes of the findings", rows[:CAUSES])
    if len(rows) > CAUSES:
        content += details(
            f"{counted(len(rows) - CAUSES, 'more cause')}", _cause_table("More causes", rows[CAUSES:])
        )
    return content


def _cause_table(caption: str, rows: ReportRows) -> str:
    heads = "".join(
        f'<th scope="col"{" class=n" if i > 3 else ""}>{head}</th>' for i, head in enumerate(_CAUSE_HEADS)
    )
    return framed_table(caption, heads, "".join(map(_cause, rows)))


def _cause(row: SimpleNamespace) -> str:
    header = check_header(row.check_name)
    words = row.cause or (header.question if header else row.check_name)
    places = row.document_title or row.document_id or _spread(row.document_count)
    share = "-" if row.label_share is None else percent(row.label_share)
    state = "waived" if row.status == "waived" else "new" if row.is_new else ""
    cells = (
        f"{severity_mark(row.severity)} {state}",
        escaped(row.project),
        escaped(places),
        f"{row.row_count:,}",
        html.escape(share),
    )
    return (
        f'<tr><th scope="row">{escaped(words)}<br><small>{escaped(row.check_name)}</small></th>'
        + "".join(
            f'<td data-h="{head}"{" class=n" if i > 2 else ""}>{cell}</td>'
            for i, (head, cell) in enumerate(zip(_CAUSE_HEADS[1:], cells, strict=True))
        )
        + "</tr>"
    )


def _spread(document_count: int | None) -> str:
    """Return how many documents have a cause: all of the project, some, or none of them in particular."""
    return "all" if document_count is None else number(document_count) if document_count else "-"
