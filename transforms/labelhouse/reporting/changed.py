"""What changed: since the night before, by class, and over the nights."""

from types import SimpleNamespace

from labelhouse.reporting.page import PageSection, details, figure, note
from labelhouse.reporting.plot_section import TableColumns, listed
from labelhouse.reporting.plots import GREEN, ORANGE, RED, columns
from labelhouse.reporting.rows import ReportData, ReportRows
from labelhouse.reporting.text import counted, number, shown
from labelhouse.texts.percent import percent

CLASSES = 20
"""Classes that the report lists; the others are added up."""


def since_of(row: SimpleNamespace) -> str:
    """Return in words what a project's last load is compared with."""
    match row.scope:
        case "night":
            return f"since {row.night_before}"
        case "load":
            return f"by its last load, on {row.night}"
    return f"first loaded on {row.night}"


def project_changes(data: ReportData) -> ReportRows:
    """Return one row per project: what its last night, or its last load, changed."""
    held = {row.project: row.labels for row in data.holdings}
    projects: dict[str, SimpleNamespace] = {}
    for row in data.class_changes:
        total = projects.setdefault(
            row.project,
            SimpleNamespace(
                project=row.project,
                scope=row.scope,
                since=since_of(row),
                labels=held.get(row.project, 0),
                added=0,
                removed=0,
                changed=0,
            ),
        )
        total.added += row.added
        total.removed += row.removed
        total.changed += row.changed
    return sorted(projects.values(), key=lambda row: row.project)


_CHANGES: TableColumns = {"Added": "added", "Removed": "removed", "Changed": "changed"}


def _of_project(key: str) -> object:
    """Return a column that is empty in a first load, where everything is added."""
    return lambda row: None if row.scope == "first" else getattr(row, key)


def _growth(row: SimpleNamespace) -> str | None:
    """Return by what share the labels of a project have grown; nothing for a first load."""
    before = row.labels - row.added + row.removed
    if row.scope == "first" or before <= 0:
        return None
    share = (row.added - row.removed) / before
    return f"{'+' if share > 0 else '-' if share < 0 else ''}{percent(abs(share))}"


PROJECT_CHANGES: TableColumns = {
    "Project": "project",
    "When": "since",
    "Labels": "labels",
    "Growth": _growth,
    "Added": _of_project("added"),  # type: ignore[dict-item]
    "Removed": _of_project("removed"),  # type: ignore[dict-item]
    "Changed": _of_project("changed"),  # type: ignore[dict-item]
}


def changed(data: ReportData) -> PageSection:
    """Show what the last night changed by class, and what each night changed."""
    if not data.churn:
        return PageSection("churn", "What changed", note("No label has been loaded."), is_empty=True)
    content = _by_class([row for row in data.class_changes if row.added or row.removed or row.changed])
    return PageSection("churn", "What changed", content + _over_nights(data.churn))


def _by_class(rows: ReportRows) -> str:
    if not rows:
        return note("The last night changed no label that was there before.")
    first, others = list(rows[:CLASSES]), rows[CLASSES:]
    if others:
        name = counted(len(others), "other class", "other classes")
        rest = SimpleNamespace(project="-", category_name=name)
        for key in ("added", "removed", "changed"):
            setattr(rest, key, sum(getattr(row, key) for row in others))
        first.append(rest)
    table: TableColumns = {"Class": lambda row: shown(row.category_name), "Project": "project", **_CHANGES}
    return listed("Labels that the last night changed, by class", first, table, texts=2)


def _over_nights(rows: ReportRows) -> str:
    """Return the plot of the nights, if there are at least two; first loads are told in words."""
    if not rows:
        return ""
    nights = list(reversed(rows))
    first = sum(row.first_loads for row in rows)
    loads = f" First loads, {counted(first, 'label')} in all, are not in the plot." if first else ""
    later = [row for row in nights if row.added or row.changed or row.removed]
    table: TableColumns = {"Night": "night", "First loads": "first_loads", **_CHANGES}
    numbers = listed("Labels by night", rows, table)
    if len(nights) < 2 or not later:
        return details("Labels by night", numbers)
    plot = columns(
        [row.night for row in nights],
        [
            ("added", [row.added for row in nights], GREEN),
            ("changed", [row.changed for row in nights], ORANGE),
            ("removed", [row.removed for row in nights], RED),
        ],
    )
    last = rows[0]
    summary = (
        f"On {last.night}: {number(last.added)} added, {number(last.changed)} changed, "
        f"{number(last.removed)} removed.{loads}"
    )
    picture = figure(plot, "Labels that each night added, changed and removed. " + summary, summary)
    return f'<div class="pair"><div>{picture}</div><div>{numbers}</div></div>'
