"""The section about people and time: what label rows say of who worked, when, and in which stage."""

from labelhouse.reporting.page import PageSection, details, figure, note
from labelhouse.reporting.plot_section import TableColumns, caption_of, listed
from labelhouse.reporting.plots import BLUE, ORANGE, Series, bars, columns
from labelhouse.reporting.rows import ReportData, ReportRows
from labelhouse.reporting.text import NO_NAME, counted, shown

PLOTTED = 20
"""Persons in the plot; the table below it has more."""
NOTHING = "There are no label rows: COCO tells no people, times or stages."
_UNKNOWN = "unknown"

_PEOPLE: TableColumns = {
    "Person": lambda row: _person(row.person),
    "Project": "project",
    "Created": "created",
    "Edited": "edited",
    "By hand": "manual",
    "Automated": "automated",
    "Unsaid": "unknown",
    "Share by hand": "manual_share",
    "First day": "first_day",
    "Last day": "last_day",
}
_DAYS: TableColumns = {"Day": "day", "Persons": "people", "Created": "created", "Edited": "edited"}
_EDITS: TableColumns = {
    "Class": "category_name",
    "Kind": "kind",
    "Labels": "labels",
    "Edited": "edited",
    "Half within": lambda row: lasting(row.median_hours),
    "Nine in ten within": lambda row: lasting(row.ninetieth_hours),
}
_REWORK: TableColumns = {
    "Class": "category_name",
    "Kind": "kind",
    "With a review": "reviewed",
    "Edited after it": "reworked",
    "Added after it": "added",
    "Rework": "rework_share",
}
_STAGES: TableColumns = {
    "Project": "project",
    "Stage": "workflow_stage",
    "Label status": "label_status",
    "Task status": "task_status",
    "Rows": "label_rows",
    "Labels": "labels",
    "Night": "night",
}
_REQUIRED: TableColumns = {
    "Class": "category_name",
    "Question": "name",
    "Asked": "asked",
    "Open": "open",
    "Answered": "answered_share",
}
_MODALITIES: TableColumns = {
    "Modality": "modality",
    "Labels": "labels",
    "Classifications": "classifications",
    "Classes": "classes",
    "Documents": "documents",
}


def people_and_time(data: ReportData) -> PageSection:
    """Report who made and edited labels, how long that took, and what is left to do in the rows."""
    if not (data.people or data.stages):
        return PageSection("people", "People and time", note(NOTHING), is_empty=True)
    content = ""
    if data.people:
        content += _plots(data) + listed("People", data.people, _PEOPLE, texts=2)
    if edited := [row for row in data.edits if row.edited]:
        content += note("Time from the creation of a label to its last edit, if it was edited.")
        content += listed("Time to the last edit", edited, _EDITS, texts=2)
    if reviewed := [row for row in data.edits if row.reviewed]:
        content += note(
            "What was edited or added after the first review that is known: one that the label states, or "
            "the first load that saw its row in review or beyond. Edits between the review and that load "
            "are not counted."
        )
        content += listed("Rework after review", reviewed, _REWORK, texts=2)
    content += listed("Stages of label rows", data.stages, _STAGES, texts=4)
    if data.required:
        content += note("The ontology says which questions are required; nothing is guessed.")
        content += listed("Required answers", data.required, _REQUIRED, texts=2)
    if data.modalities:
        content += details("Modalities", listed("Modalities", data.modalities, _MODALITIES))
    return PageSection("people", "People and time", content)


def _plots(data: ReportData) -> str:
    """Return the plots of persons and of days, and what they count."""
    explained = note(
        "Labels and classifications of label rows; a label is one on one frame. A row says who edited "
        "last: earlier edits are not counted."
    )
    top = data.people[:PLOTTED]
    plot = bars([_person(row.person) for row in top], _series(top))
    caption = caption_of("Created and edited by each person", top, data.people)
    left = figure(plot, f"{caption}. {_words(top)}", caption)
    days = data.work_days[::-1]
    if len(days) < 2:
        return explained + left
    busiest = max(days, key=lambda row: row.created + row.edited)
    caption = f"Created and edited on each day: the last {counted(len(days), 'day')} with any"
    words = f"Most on {busiest.day}: {busiest.created:,} created, {busiest.edited:,} edited"
    right = figure(columns([row.day for row in days], _series(days)), f"{caption}. {words}", caption)
    right += details("Days", listed("Days", data.work_days, _DAYS))
    return f'{explained}<div class="pair"><div>{left}</div><div>{right}</div></div>'


def _series(rows: ReportRows) -> Series:
    return [
        ("created", [row.created for row in rows], BLUE),
        ("edited", [row.edited for row in rows], ORANGE),
    ]


def _words(rows: ReportRows) -> str:
    return "; ".join(
        f"{_person(row.person)} {row.created:,} created, {row.edited:,} edited" for row in rows[:6]
    )


def _person(person: str | None) -> str:
    return _UNKNOWN if person is None else shown(person)


def lasting(hours: float | None) -> str:
    """Return a time in the unit that suits it.

    >>> lasting(0.001), lasting(0.25), lasting(5.26), lasting(240), lasting(None)
    ('4 s', '15 min', '5.3 h', '10.0 d', '(none)')
    """
    if hours is None:
        return NO_NAME
    if hours < 1 / 60:
        return f"{hours * 3600:,.0f} s"
    if hours < 1:
        return f"{hours * 60:,.0f} min"
    return f"{hours:,.1f} h" if hours < 48 else f"{hours / 24:,.1f} d"
