"""The checks in the report: those that fail, the causes of their findings, and what to look at first."""

import html
from types import SimpleNamespace

from labelhouse.errors import LabelhouseError
from labelhouse.reporting.page import PageSection, details, figure, note
from labelhouse.reporting.plot_section import TableColumns, listed
from labelhouse.reporting.plots import GREEN, GREY, RED, columns
from labelhouse.reporting.rows import FIRST, ReportData, ReportRows
from labelhouse.reporting.text import escaped, number
from labelhouse.sql_library.headers import Header, header
from labelhouse.sql_library.statements import public_statement
from labelhouse.texts.percent import percent

_HEADS = ("Check", "Severity", "Failing rows", "What it finds")


def is_failing(row: SimpleNamespace) -> bool:
    """Return whether a check found something, or could not run."""
    return bool(row.failing) or row.error is not None


def checks(data: ReportData) -> PageSection:
    """Show the findings by night, their causes, the failing checks with their SQL, and how many pass."""
    rows = data.checks
    if not rows:
        text = "The checks have not been run: labelhouse check runs them and keeps what they find."
        return PageSection("checks", "Checks", note(text))
    failing = [row for row in rows if is_failing(row)]
    passing = [row for row in rows if not is_failing(row)]
    content = note(f"{len(failing)} of {len(rows)} checks find something.")
    content += _nights(data.finding_nights) + _causes(data.causes)
    if failing:
        heads = "".join(f'<th scope="col">{head}</th>' for head in _HEADS)
        content += (
            '<div class="scroll" tabindex="0" role="region" aria-label="Failing checks"><table>'
            f"<caption>Failing checks</caption><thead><tr>{heads}</tr></thead>"
            f"<tbody>{''.join(map(_row, failing))}</tbody></table></div>"
        )
        content += "<h3>The SQL that finds them</h3>" + "".join(map(_sql, failing))
    if passing:
        names = ", ".join(row.check_name for row in passing)
        content += details(f"{len(passing)} checks pass", f"<p>{html.escape(names)}</p>")
    return PageSection("checks", "Checks", content)


def _row(row: SimpleNamespace) -> str:
    header = _header(row.check_name)
    result = escaped(f"could not run: {row.error}") if row.error else f"{row.failing:,}"
    meaning = f"{header.summary} {header.explanation}" if header else ""
    return (
        f'<tr><th scope="row"><a href="#{_anchor(row)}">{escaped(row.check_name)}</a></th>'
        f"<td>{_severity(row.severity)}</td><td class=n>{result}</td><td>{html.escape(meaning)}</td></tr>"
    )


def what_first(data: ReportData) -> PageSection:
    """Show the images, documents and classes with the most findings, weighted by severity."""
    if not data.first:
        return PageSection("first", "What first", note("No finding is open."))
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


_SCORES: TableColumns = {"Score": "score", "Errors": "errors", "Warnings": "warnings", "Notes": "notes"}
_FIRST: dict[str, TableColumns] = {
    "document": {"Document": "document_id", "Project": "project", "Checks": "checks", **_SCORES},
    "image": {
        "Image": "image_key",
        "Document": "document_id",
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
    summary = (
        f"{number(last.open_findings)} findings are open; the night of {last.night} added "
        f"{number(last.new)} and mended {number(last.mended)}."
    )
    if len(nights) < 2:
        return note(summary)
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
                {"Night": "night", "New": "new", "Mended": "mended", "Open": "open_findings"},
            ),
        )
    )


_CAUSE_HEADS = ("Cause", "Severity", "Project", "Documents", "Rows", "Share of labels", "Example")
CAUSES = 60
"""Causes that the report shows at once; the others open on request."""


def _causes(rows: ReportRows) -> str:
    if not rows:
        return ""
    content = _cause_table("Causes of the findings", rows[:CAUSES])
    if len(rows) > CAUSES:
        content += details(f"{len(rows) - CAUSES:,} more causes", _cause_table("More", rows[CAUSES:]))
    return content


def _cause_table(caption: str, rows: ReportRows) -> str:
    heads = "".join(f'<th scope="col">{head}</th>' for head in _CAUSE_HEADS)
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{caption}"><table class="causes">'
        f"<caption>{caption}</caption><thead><tr>{heads}</tr></thead>"
        f"<tbody>{''.join(map(_cause, rows))}</tbody></table></div>"
    )


def _cause(row: SimpleNamespace) -> str:
    header = _header(row.check_name)
    words = row.cause or (header.question if header else row.check_name)
    places = row.document_id or (_spread(row.document_count))
    share = "-" if row.label_share is None else percent(row.label_share)
    state = "waived" if row.status == "waived" else "new" if row.is_new else ""
    return (
        f'<tr><th scope="row">{escaped(words)}<br><small>{escaped(row.check_name)}</small></th>'
        f"<td>{_severity(row.severity)} {state}</td>"
        f"<td>{escaped(row.project)}</td><td>{escaped(places)}</td>"
        f"<td class=n>{row.row_count:,}</td><td class=n>{html.escape(share)}</td>"
        f"<td>{escaped(row.example)}</td></tr>"
    )


def _spread(document_count: int | None) -> str:
    """Return how many documents have a cause: all of the project, some, or none of them in particular."""
    return "all" if document_count is None else number(document_count) if document_count else "-"


def _severity(severity: str) -> str:
    kind = severity if severity in ("error", "info") else "warning"
    return f'<span class="severity {kind}">{escaped(severity)}</span>'


def _sql(row: SimpleNamespace) -> str:
    path = _path(row.check_name)
    text = (
        public_statement(path)
        if _header(row.check_name)
        else "-- a check of your own: see the folder given by --sql"
    )
    return details(
        f"{row.check_name}.sql", f"<pre><code>{html.escape(text)}</code></pre>", anchor=_anchor(row)
    )


def _anchor(row: SimpleNamespace) -> str:
    return "check-" + "".join(c if c.isalnum() and c.isascii() else "-" for c in row.check_name)


def _path(name: str) -> str:
    return f"checks/{name}"


def _header(name: str) -> Header | None:
    """Return the header of the project's check of this name; None for a check of the user's own."""
    try:
        return header(_path(name))
    except (LabelhouseError, OSError):
        return None
