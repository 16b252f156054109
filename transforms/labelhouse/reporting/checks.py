"""The checks in the report: those that fail, why they matter, and the SQL that finds the rows."""

import html
from types import SimpleNamespace

from labelhouse.errors import LabelhouseError
from labelhouse.reporting.page import PageSection, details, note
from labelhouse.reporting.rows import Rows
from labelhouse.reporting.text import escaped
from labelhouse.sql_library.headers import Header, header
from labelhouse.sql_library.statements import public_statement

_HEADS = ("Check", "Severity", "Failing rows", "What it finds")


def is_failing(row: SimpleNamespace) -> bool:
    """Return whether a check found something, or could not run."""
    return bool(row.failing) or row.error is not None


def checks(rows: Rows) -> PageSection:
    """Show the failing checks, each with a link to its SQL, and how many pass."""
    if not rows:
        text = "The checks have not been run: labelhouse check runs them and keeps what they find."
        return PageSection("checks", "Checks", note(text))
    failing = [row for row in rows if is_failing(row)]
    passing = [row for row in rows if not is_failing(row)]
    content = note(f"{len(failing)} of {len(rows)} checks fail.")
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
    told = _header(row.check_name)
    found = escaped(f"could not run: {row.error}") if row.error else f"{row.failing:,}"
    meaning = f"{told.summary} {told.explanation}" if told else ""
    return (
        f'<tr><th scope="row"><a href="#{_anchor(row)}">{escaped(row.check_name)}</a></th>'
        f'<td><span class="severity {"error" if row.severity == "error" else "warning"}">'
        f"{escaped(row.severity)}</span></td><td class=n>{found}</td><td>{html.escape(meaning)}</td></tr>"
    )


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
