"""The verdict, with which the report begins: what is wrong, and what changed since the night before."""

import html
from datetime import datetime

from labelhouse.reporting.changed import PROJECT_CHANGES, project_changes
from labelhouse.reporting.check_headers import anchor_of, check_header
from labelhouse.reporting.checks import failing_checks
from labelhouse.reporting.page import PageSection, note, severity_mark
from labelhouse.reporting.plot_section import listed
from labelhouse.reporting.rows import ReportData
from labelhouse.reporting.text import counted, escaped, shown, table


def verdict(data: ReportData) -> PageSection:
    """Say what is wrong and what changed, in a few sentences and two tables."""
    [load] = data.last_load
    if load.loaded_at is None:
        return PageSection("verdict", "Verdict", note("Nothing has been loaded yet."))
    items = [*_rejected(data), _findings(data)]
    if (late := _late(data, load.committed_at)) is not None:
        items.append(late)
    kind = "error" if _is_wrong(data) else "warning" if _is_doubtful(data) else "good"
    content = f'<p class="verdict {kind}">{html.escape(_headline(data, kind))}</p>'
    content += f"<ul class=points>{''.join(f'<li>{item}</li>' for item in items)}</ul>"
    if changes := project_changes(data):
        content += listed("What changed", changes, PROJECT_CHANGES, texts=2)
    return PageSection("verdict", "Verdict", content + _failing(data))


def _is_wrong(data: ReportData) -> bool:
    return bool(data.rejections) or any(row.severity == "error" for row in failing_checks(data))


def _is_doubtful(data: ReportData) -> bool:
    return not data.checks or any(row.severity != "info" for row in failing_checks(data))


def _headline(data: ReportData, kind: str) -> str:
    """Return the verdict in one sentence."""
    errors = sum(row.errors for row in failing_checks(data))
    warnings = sum(row.warnings for row in failing_checks(data))
    parts = []
    if data.rejections:
        parts.append(f"{counted(len(data.rejections), 'source was', 'sources were')} rejected")
    if broken := sum(row.error is not None for row in failing_checks(data)):
        parts.append(f"{counted(broken, 'check')} could not run")
    if errors:
        parts.append(counted(errors, "row is an error", "rows are errors"))
    if warnings:
        parts.append(counted(warnings, "row is likely wrong", "rows are likely wrong"))
    if not data.checks:
        parts.append("the checks have not been run")
    if not parts:
        return "Nothing is known to be wrong."
    opening = {"error": "Something is wrong", "warning": "Look at this"}.get(kind, "For your information")
    return f"{opening}: {', '.join(parts[:-1])}{' and ' if parts[1:] else ''}{parts[-1]}."


def _rejected(data: ReportData) -> list[str]:
    """Return one line per source that the last night rejected: its name, why, and what to do."""
    return [
        f"{severity_mark('error')} {escaped(_name(row.source))} was rejected ({escaped(row.error_code)}), "
        f"project {escaped(row.project)}: {escaped(row.error)}"
        for row in data.rejections
    ]


def _name(source: str) -> str:
    """Return the last part of a path or an address, by which people know a source."""
    return source.replace("\\", "/").rstrip("/").rpartition("/")[2] or source


def _findings(data: ReportData) -> str:
    if not data.checks:
        return "The checks have not been run: labelhouse check runs them and keeps what they find."
    failing = failing_checks(data)
    if not failing:
        return f"None of {counted(len(data.checks), 'check')} finds anything."
    new = sum(row.new_rows for row in failing)
    verb = "finds" if len(failing) == 1 else "find"
    since = f"; {counted(new, 'row is', 'rows are')} new since the run before" if new else ""
    return html.escape(
        f"{len(failing)} of {counted(len(data.checks), 'check')} {verb} something: "
        f"{counted(sum(row.errors for row in failing), 'error')}, "
        f"{counted(sum(row.warnings for row in failing), 'warning')} and "
        f"{counted(sum(row.notes for row in failing), 'note')}{since}."
    )


def _late(data: ReportData, committed: datetime | None) -> str | None:
    """Return a warning if the checks ran before the last load that changed something."""
    last = max((row.checked_at for row in data.checks if row.checked_at), default=None)
    if last is None or committed is None or last >= committed:
        return None
    return (
        f"The checks last ran on {last:%Y-%m-%d %H:%M} UTC, before the last load. "
        "labelhouse check runs them again."
    )


def _failing(data: ReportData) -> str:
    """Return the table of failing checks, each with a link to its rows."""
    rows = failing_checks(data)
    if not rows:
        return ""
    heads = ("Check", "Failing rows", "Errors", "Warnings", "Notes", "New", "What it finds")
    cells = []
    for row in rows:
        header = check_header(row.check_name)
        result = f"could not run: {shown(row.error)}" if row.error else row.rows
        counts = (row.errors, row.warnings, row.notes, row.new_rows)
        cells.append((row.check_name, result, *counts, header.summary if header else ""))
    return table(
        "Failing checks",
        heads,
        cells,
        links=[f"#rows-{anchor_of(row.check_name)}" for row in rows],
        last_is_text=True,
    )
