"""The sections of the report: each turns rows into plots, tables, and words on how to read them."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from operator import attrgetter
from typing import Any

from labelhouse.reporting.page import PageSection, details, figure, note, tiles
from labelhouse.reporting.plot_section import (
    Plot,
    PlotSection,
    TableColumns,
    caption_of,
    listed,
    plot_of_first,
)
from labelhouse.reporting.plots import BLUE, GREEN, GREY, ORANGE, bars, heat_maps, lines
from labelhouse.reporting.rows import ReportData, ReportRows
from labelhouse.reporting.text import number, shown
from labelhouse.texts.percent import percent

PLOTTED = 20
"""Names in a plot; the table below it has more."""
CELLS = 20
NOTHING = "There is nothing to show yet."


def overview(data: ReportData) -> PageSection:
    """Report what the warehouse holds, project by project."""
    labels = sum(row.labels for row in data.holdings)
    manual = sum(row.manual for row in _last_of_each(data.automation))
    automated = sum(row.automated for row in _last_of_each(data.automation))
    known = manual + automated
    rate = f"{percent(automated / known)} of {number(known)} that say" if known else "unknown"
    numbers = [
        ("Projects", number(len(data.holdings))),
        ("Documents", number(sum(row.documents for row in data.holdings))),
        ("Images", number(sum(row.images for row in data.holdings))),
        ("Labels", number(labels)),
        ("Classes", number(len(data.classes))),
        ("Automated", rate),
    ]
    covered = {row.project: row for row in data.coverage}
    holdings: TableColumns = {
        "Project": "project",
        "Documents": "documents",
        "Images": "images",
        "Labels": "labels",
        "Images with labels": lambda row: getattr(covered.get(row.project), "labelled_share", None),
        "Area in boxes, about": lambda row: getattr(covered.get(row.project), "covered_share", None),
        "Last loaded": "last_loaded",
    }
    if not data.holdings:
        return PageSection("holds", "What it holds", note(NOTHING), is_empty=True)
    return PageSection(
        "holds", "What it holds", tiles(numbers) + listed("Projects", data.holdings, holdings)
    )


def _draw_classes(rows: ReportRows) -> Plot:
    top = rows[:PLOTTED]
    first, empty = rows[0], sum(1 for row in rows if not row.labels)
    summary = (
        f"{shown(first.category_name)} is the most frequent class, with {percent(first.label_share or 0)} "
        f"of all labels; {number(empty)} of {number(len(rows))} classes have none."
    )
    plot = bars(_class_names(top), [("labels", [row.labels for row in top], BLUE)])
    return plot_of_first(plot, summary, "Labels of the most frequent classes", summary, top, rows)


def _class_names(rows: ReportRows) -> list[str]:
    """Return the names of classes, with their supercategory where several have the same name."""
    several = Counter(row.category_name for row in rows)
    return [
        shown(row.category_name)
        if several[row.category_name] == 1
        else f"{shown(row.category_name)}, {shown(row.supercategory)}"
        for row in rows
    ]


classes = PlotSection(
    "classes",
    "Class balance",
    rows=attrgetter("classes"),
    nothing=NOTHING,
    draw=_draw_classes,
    table="Class balance",
    columns={
        "Class": "category_name",
        "Supercategory": "supercategory",
        "Labels": "labels",
        "Images": "images",
        "Documents": "documents",
        "Share": "label_share",
    },
    texts=2,
)
"""How the labels spread over the classes."""


_SHAPES = {"Shape": "shape", "Labels": "labels", "Share": "label_share", "Classes": "classes"}
_SIZES = {
    "Class": "category_name",
    "Labels": "labels",
    "Small": "small",
    "Medium": "medium",
    "Large": "large",
    "No extent": "without_extent",
}


def shapes_and_sizes(data: ReportData) -> PageSection:
    """Show which shapes the labels have, and how large they are."""
    if not data.shapes:
        return PageSection("shapes", "Shapes and sizes", note(NOTHING), is_empty=True)
    shape_plot = bars([r.shape for r in data.shapes], [("labels", [r.labels for r in data.shapes], BLUE)])
    top = data.sizes[:PLOTTED]
    size_plot = bars(
        [row.category_name for row in top],
        [
            (name, [getattr(row, key) / max(row.labels, 1) for row in top], colour)
            for name, key, colour in (
                ("small", "small", ORANGE),
                ("medium", "medium", BLUE),
                ("large", "large", GREEN),
                ("no extent", "without_extent", GREY),
            )
        ],
        share=True,
    )
    shares = "; ".join(f"{r.shape} {percent(r.label_share or 0)}" for r in data.shapes)
    left = figure(shape_plot, f"Labels of each shape: {shares}", "Labels of each shape")
    left += details("Numbers", listed("Shapes", data.shapes, _SHAPES))
    sizes = "; ".join(f"{shown(r.category_name)}: {r.small:,} small, {r.medium:,} medium" for r in top[:5])
    right = figure(
        size_plot, f"Size classes by class, {sizes}", caption_of("Size classes by class", top, data.sizes)
    )
    right += details("Numbers", listed("Size classes", data.sizes, _SIZES))
    explained = note(
        "Size classes are COCO's, by the area that a label states, else of its box: small below 32 x 32 "
        "pixels, medium below 96 x 96, large above. Points and labels without box and area have no extent."
    )
    return PageSection(
        "shapes",
        "Shapes and sizes",
        f'{explained}<div class="pair"><div>{left}</div><div>{right}</div></div>',
    )


def _rated(data: ReportData) -> ReportRows:
    """Return the nights, the last one first, if an export says of any label who drew it."""
    has_rate = any(row.automation_rate is not None for row in data.automation)
    return data.automation[::-1] if has_rate else []


def _draw_automation(rows: ReportRows) -> Plot:
    rated = [row for row in reversed(rows) if row.automation_rate is not None]
    nights = sorted({row.night for row in rows})
    projects = _most(rated, lambda row: row.project, lambda row: row.labels)[:8]
    series = []
    for project in projects:
        rates = {row.night: row.automation_rate for row in rated if row.project == project}
        series.append((project, _carried(nights, rates)))
    last = _last_of_each(rated)
    words = "; ".join(f"{shown(r.project)} {percent(r.automation_rate)} on {r.night}" for r in last[:8])
    return Plot(
        lines(nights, series) if len(nights) > 1 else None,
        "Labels made by a model or interpolated, as a share of the labels for which the export says it.",
        f"Automation rate after each night. Last: {words}",
    )


automation = PlotSection(
    "automation",
    "Automation over nights",
    rows=_rated,
    nothing="The exports do not say which labels a person drew (manual_annotation), or none is loaded yet.",
    draw=_draw_automation,
    table="Automation",
    columns={
        "Project": "project",
        "Night": "night",
        "Labels": "labels",
        "Manual": "manual",
        "Automated": "automated",
        "Unknown": "unknown",
        "Rate": "automation_rate",
    },
)
"""How the share of labels that models made has developed."""


def _draw_attributes(rows: ReportRows) -> Plot:
    top = rows[:PLOTTED]
    names = [f"{shown(row.category_name)}: {shown(row.name)}" for row in top]
    plot = bars(
        names,
        [
            ("answered", [row.completeness for row in top], GREEN),
            ("not answered", [1 - (row.completeness or 0) for row in top], GREY),
        ],
        share=True,
    )
    worst = "; ".join(
        f"{name} {percent(row.completeness or 0)}" for name, row in zip(names, top[:5], strict=False)
    )
    explained = "Labels of a class that answer an attribute; attributes with the most open answers first."
    return plot_of_first(plot, explained, "Answered attributes", worst, top, rows)


attributes = PlotSection(
    "attributes",
    "Attribute completeness",
    rows=attrgetter("attributes"),
    nothing="No label has an attribute.",
    draw=_draw_attributes,
    table="Attribute completeness",
    columns={
        "Class": "category_name",
        "Attribute": "name",
        "Origin": "origin",
        "Labels": "labels",
        "Answered": "answered",
        "Share": "completeness",
    },
    texts=3,
)
"""How completely the attributes are answered."""


def _draw_keypoints(rows: ReportRows) -> Plot:
    top = rows[:PLOTTED]
    several = len({row.category_name for row in top}) > 1
    names = [
        (f"{shown(row.category_name)}: " if several else "")
        + (str(row.keypoint_index) if row.keypoint_name is None else shown(row.keypoint_name))
        for row in top
    ]
    plot = bars(
        names,
        [
            ("visible", [row.visible / max(row.keypoints, 1) for row in top], GREEN),
            ("hidden", [row.hidden / max(row.keypoints, 1) for row in top], ORANGE),
            ("not labelled", [row.unlabelled / max(row.keypoints, 1) for row in top], GREY),
        ],
        share=True,
    )
    words = "; ".join(
        f"{name} {percent(row.visible / max(row.keypoints, 1))}"
        for name, row in zip(names, top[:6], strict=False)
    )
    explained = "How often each joint of a skeleton, or each point, is labelled and visible."
    return plot_of_first(plot, explained, "Visible joints", words, top, rows)


keypoints = PlotSection(
    "keypoints",
    "Keypoint visibility",
    rows=attrgetter("keypoints"),
    nothing="No label has keypoints.",
    draw=_draw_keypoints,
    table="Keypoint visibility",
    columns={
        "Class": "category_name",
        "Joint": lambda row: row.keypoint_name or row.keypoint_index,
        "Keypoints": "keypoints",
        "Visible": "visible",
        "Hidden": "hidden",
        "Not labelled": "unlabelled",
    },
    texts=2,
)
"""Which joints are labelled and visible."""


def _draw_tracks(rows: ReportRows) -> Plot:
    top = rows[:PLOTTED]
    names = [shown(row.category_name) for row in top]
    spans = [row.frames + row.gap_frames for row in top]
    plot = bars(
        names,
        [
            ("labelled", [row.frames / span for row, span in zip(top, spans, strict=True)], GREEN),
            ("gap", [row.gap_frames / span for row, span in zip(top, spans, strict=True)], ORANGE),
        ],
        share=True,
    )
    count, gaps, switches = (
        sum(getattr(row, key) for row in rows) for key in ("tracks", "with_gaps", "with_switches")
    )
    summary = f"{number(count)} tracks: {number(gaps)} with gaps, {number(switches)} change their class."
    explained = (
        "Frames from the first to the last label of each track, with a label of it and without. " + summary
    )
    return plot_of_first(plot, explained, "Frames of tracks", summary, top, rows)


tracks = PlotSection(
    "tracks",
    "Tracks",
    rows=attrgetter("tracks"),
    nothing="No label belongs to a track.",
    draw=_draw_tracks,
    table="Tracks",
    columns={
        "Class": "category_name",
        "Tracks": "tracks",
        "Labels": "labels",
        "Mean frames": lambda row: f"{row.mean_frames:,.1f}",
        "Longest": "longest",
        "With gaps": "with_gaps",
        "Gap frames": "gap_frames",
        "Change class": "with_switches",
    },
)
"""How long objects are tracked, and where tracks have gaps."""


def _draw_places(rows: ReportRows) -> Plot:
    names = _most(rows, lambda row: row.category_name, lambda row: row.labels)[:5]
    maps = [("all classes", [(row.grid_x, row.grid_y, row.labels) for row in rows])]
    for name in names if len(names) > 1 else []:
        cells = [(r.grid_x, r.grid_y, r.labels) for r in rows if r.category_name == name]
        maps.append((shown(name), cells))
    middle = sum(r.labels for r in rows if 5 <= r.grid_x < 15 and 5 <= r.grid_y < 15)
    total = sum(row.labels for row in rows)
    summary = (
        f"{percent(middle / total)} of the boxes have their centre in the middle quarter of their image; "
        "spread evenly, 25 % would."
    )
    return Plot(
        heat_maps(maps, CELLS),
        "Centres of bounding boxes on the image, scaled to one size; darker cells hold more. " + summary,
        f"Heat map of box centres. {summary}",
    )


places = PlotSection(
    "places",
    "Where labels lie",
    rows=attrgetter("heat_map"),
    nothing="No box lies on an image of known size.",
    draw=_draw_places,
)
"""Where on their images the labels lie."""


_LOADS = {
    "Night": "night",
    "Loads": "loads",
    "Committed": "committed",
    "Unchanged": "unchanged",
    "Rejected": "rejected",
    "Documents added": "documents_added",
    "changed": "documents_changed",
    "removed": "documents_removed",
    "Labels written": "labels_written",
    "Quarantined": "quarantined",
    "Issues": "issues",
}


def loads(data: ReportData) -> PageSection:
    """Report how the loads went."""
    if not data.nights:
        return PageSection("loads", "Loads", note(NOTHING), is_empty=True)
    content = listed("Loads of the last nights", data.nights, _LOADS)
    if rejections := [row for row in data.nights if row.last_error]:
        reasons = {"Night": "night", "Reason": "last_error"}
        content += listed("Last rejection of each night", rejections, reasons, texts=2)
    return PageSection("loads", "Loads", content)


def _last_of_each(rows: ReportRows) -> ReportRows:
    """Return the last row of each project; the rows are in the order of nights."""
    return list({row.project: row for row in rows}.values())


def _most(rows: ReportRows, key: Callable[[Any], object], weight: Callable[[Any], int]) -> list[Any]:
    """Return the keys of rows in descending order of weight."""
    totals: dict[object, int] = defaultdict(int)
    for row in rows:
        totals[key(row)] += weight(row)
    return sorted(totals, key=lambda name: (-totals[name], shown(name)))


def _carried(nights: Iterable[date], known: dict[date, float]) -> list[float | None]:
    """Return one value per night; a night without a value has that of the night before."""
    last: float | None = None
    values = []
    for night in nights:
        last = known.get(night, last)
        values.append(last)
    return values
