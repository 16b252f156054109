"""The sections of the report: each turns rows into plots, tables, and words on how to read them."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from labelhouse.reporting.checks import is_failing
from labelhouse.reporting.page import PageSection, details, figure, note, tiles
from labelhouse.reporting.plots import BLUE, GREEN, GREY, ORANGE, RED, bars, columns, heat_maps, lines
from labelhouse.reporting.rows import ReportData, Rows
from labelhouse.reporting.text import number, percent, shown, table

PLOTTED = 20
"""Names in a plot; the table below it has more."""
LISTED = 200
"""Rows of a table; the warehouse has all."""
CELLS = 20
BESIDE = 12
"""Rows of the table beside a plot; the rest opens on request."""
NOTHING = "There is nothing to show yet."


def overview(data: ReportData) -> PageSection:
    """Report what the warehouse holds, project by project."""
    labels = sum(row.labels for row in data.holdings)
    manual = sum(row.manual for row in _last_of_each(data.automation))
    automated = sum(row.automated for row in _last_of_each(data.automation))
    rate = percent(automated / (manual + automated)) if manual + automated else "not told"
    numbers = [
        ("Projects", number(len(data.holdings))),
        ("Documents", number(sum(row.documents for row in data.holdings))),
        ("Images", number(sum(row.images for row in data.holdings))),
        ("Labels", number(labels)),
        ("Classes", number(len(data.classes))),
        ("Automated", rate),
        (
            "Failing checks",
            number(sum(is_failing(row) for row in data.checks)) if data.checks else "not run",
        ),
    ]
    covered = {row.project: row for row in data.coverage}
    rows = [
        (
            row.project,
            row.documents,
            row.images,
            row.labels,
            getattr(covered.get(row.project), "labelled_share", None),
            getattr(covered.get(row.project), "covered_share", None),
            row.last_loaded,
        )
        for row in data.holdings
    ]
    heads = (
        "Project",
        "Documents",
        "Images",
        "Labels",
        "Images with labels",
        "Area in boxes",
        "Last loaded",
    )
    return PageSection("holds", "What it holds", tiles(numbers) + _listed("Projects", heads, rows))


def classes(data: ReportData) -> PageSection:
    """Show how the labels spread over the classes."""
    if not data.classes:
        return PageSection("classes", "Class balance", note(NOTHING))
    top = data.classes[:PLOTTED]
    plot = bars(_class_names(top), [("labels", [row.labels for row in top], BLUE)])
    first, empty = data.classes[0], sum(1 for row in data.classes if not row.labels)
    told = (
        f"{shown(first.category_name)} is the most frequent class, with {percent(first.label_share or 0)} "
        f"of all labels; {number(empty)} of {number(len(data.classes))} classes have none."
    )
    rows = [
        (r.category_name, r.supercategory, r.labels, r.images, r.documents, r.label_share)
        for r in data.classes
    ]
    heads = ("Class", "Supercategory", "Labels", "Images", "Documents", "Share")
    return PageSection(
        "classes",
        "Class balance",
        note(told)
        + _beside(
            _plot(plot, "Labels of the most frequent classes", top, data.classes, told),
            "Class balance",
            heads,
            rows,
            texts=2,
        ),
    )


def _class_names(rows: Rows) -> list[str]:
    """Return the names of classes, with their supercategory where several have the same name."""
    several = Counter(row.category_name for row in rows)
    return [
        shown(row.category_name)
        if several[row.category_name] == 1
        else f"{shown(row.category_name)}, {shown(row.supercategory)}"
        for row in rows
    ]


def shapes_and_sizes(data: ReportData) -> PageSection:
    """Show which shapes the labels have, and how large they are."""
    if not data.shapes:
        return PageSection("shapes", "Shapes and sizes", note(NOTHING))
    shape_plot = bars([r.shape for r in data.shapes], [("labels", [r.labels for r in data.shapes], BLUE)])
    shape_rows = [(r.shape, r.labels, r.label_share, r.classes) for r in data.shapes]
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
    size_rows = [
        (r.category_name, r.labels, r.small, r.medium, r.large, r.without_extent) for r in data.sizes
    ]
    told = "; ".join(f"{r.shape} {percent(r.label_share or 0)}" for r in data.shapes)
    left = figure(shape_plot, f"Labels of each shape: {told}", "Labels of each shape")
    left += details("Numbers", _listed("Shapes", ("Shape", "Labels", "Share", "Classes"), shape_rows))
    sizes = "; ".join(f"{shown(r.category_name)}: {r.small:,} small, {r.medium:,} medium" for r in top[:5])
    right = figure(
        size_plot, f"Size classes by class, {sizes}", _caption("Size classes by class", top, data.sizes)
    )
    heads = ("Class", "Labels", "Small", "Medium", "Large", "No extent")
    right += details("Numbers", _listed("Size classes", heads, size_rows))
    explained = note(
        "Size classes are COCO's, by the area of the bounding box: small below 32 x 32 pixels, medium "
        "below 96 x 96, large above. Points and labels without a box have no extent."
    )
    return PageSection(
        "shapes",
        "Shapes and sizes",
        f'{explained}<div class="pair"><div>{left}</div><div>{right}</div></div>',
    )


def automation(data: ReportData) -> PageSection:
    """Show how the share of labels that models made has developed."""
    told = [row for row in data.automation if row.automation_rate is not None]
    if not told:
        text = (
            "The exports do not say which labels a person drew (manual_annotation), or none is loaded yet."
        )
        return PageSection("automation", "Automation over nights", note(text))
    nights = sorted({row.night for row in data.automation})
    projects = _most(told, lambda row: row.project, lambda row: row.labels)[:8]
    series = []
    for project in projects:
        known = {row.night: row.automation_rate for row in told if row.project == project}
        series.append((project, _carried(nights, known)))
    last = _last_of_each(told)
    words = "; ".join(f"{shown(r.project)} {percent(r.automation_rate)} on {r.night}" for r in last[:8])
    rows = [
        (row.project, row.night, row.labels, row.manual, row.automated, row.unknown, row.automation_rate)
        for row in reversed(data.automation)
    ]
    heads = ("Project", "Night", "Labels", "Manual", "Automated", "Not told", "Rate")
    return PageSection(
        "automation",
        "Automation over nights",
        note("Labels made by a model or interpolated, as a share of those of which the export tells.")
        + _beside(
            figure(lines(nights, series), f"Automation rate after each night. Last: {words}"),
            "Automation",
            heads,
            rows,
        ),
    )


def attributes(data: ReportData) -> PageSection:
    """Show how completely the attributes are answered."""
    if not data.attributes:
        return PageSection("attributes", "Attribute completeness", note("No label has an attribute."))
    top = data.attributes[:PLOTTED]
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
    rows = [
        (r.category_name, r.name, r.origin, r.labels, r.answered, r.completeness) for r in data.attributes
    ]
    heads = ("Class", "Attribute", "Origin", "Labels", "Answered", "Share")
    return PageSection(
        "attributes",
        "Attribute completeness",
        note("Labels of a class that answer an attribute; those that lack most answers first.")
        + _beside(
            _plot(plot, "Answered attributes", top, data.attributes, worst),
            "Attribute completeness",
            heads,
            rows,
            texts=3,
        ),
    )


def keypoints(data: ReportData) -> PageSection:
    """Show which joints are labelled and visible."""
    if not data.keypoints:
        return PageSection("keypoints", "Keypoint visibility", note("No label has keypoints."))
    top = data.keypoints[: PLOTTED + 14]
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
    rows = [
        (
            r.category_name,
            r.keypoint_name or r.keypoint_index,
            r.keypoints,
            r.visible,
            r.hidden,
            r.unlabelled,
        )
        for r in data.keypoints
    ]
    heads = ("Class", "Joint", "Keypoints", "Visible", "Hidden", "Not labelled")
    return PageSection(
        "keypoints",
        "Keypoint visibility",
        note("How often each joint of a skeleton, or each point, is labelled and visible.")
        + _beside(
            _plot(plot, "Visible joints", top, data.keypoints, words),
            "Keypoint visibility",
            heads,
            rows,
            texts=2,
        ),
    )


def places(data: ReportData) -> PageSection:
    """Show where on their images the labels lie."""
    if not data.heat_map:
        return PageSection("places", "Where labels lie", note("No box lies on an image of known size."))
    names = _most(data.heat_map, lambda row: row.category_name, lambda row: row.labels)[:5]
    maps = [("all classes", [(row.grid_x, row.grid_y, row.labels) for row in data.heat_map])]
    for name in names if len(names) > 1 else []:
        cells = [(r.grid_x, r.grid_y, r.labels) for r in data.heat_map if r.category_name == name]
        maps.append((shown(name), cells))
    middle = sum(r.labels for r in data.heat_map if 5 <= r.grid_x < 15 and 5 <= r.grid_y < 15)
    total = sum(row.labels for row in data.heat_map)
    told = (
        f"{percent(middle / total)} of the boxes have their centre in the middle quarter of their image; "
        "spread evenly, 25 % would."
    )
    return PageSection(
        "places",
        "Where labels lie",
        note("Centres of bounding boxes on the image, scaled to one size; the darker, the more. " + told)
        + figure(heat_maps(maps, CELLS), f"Heat map of box centres. {told}"),
    )


def churn(data: ReportData) -> PageSection:
    """Show what each night added, changed and removed."""
    if not data.churn:
        return PageSection(
            "churn", "Changes over nights", note("No label has changed since its first load.")
        )
    nights = list(reversed(data.churn))
    plot = columns(
        [row.night for row in nights],
        [
            ("added", [row.added for row in nights], GREEN),
            ("changed", [row.changed for row in nights], ORANGE),
            ("removed", [row.removed for row in nights], RED),
        ],
    )
    rows = [(row.night, row.added, row.changed, row.removed) for row in data.churn]
    last = data.churn[0]
    told = f"On {last.night}: {last.added:,} added, {last.changed:,} changed, {last.removed:,} removed."
    return PageSection(
        "churn",
        "Changes over nights",
        note("Labels that each night added, changed and removed. " + told)
        + _beside(
            figure(plot, f"Labels added, changed and removed each night. {told}"),
            "Changes",
            ("Night", "Added", "Changed", "Removed"),
            rows,
        ),
    )


def loads(data: ReportData) -> PageSection:
    """Report how the loads went."""
    if not data.nights:
        return PageSection("loads", "Loads", note(NOTHING))
    rows = [
        (
            *(row.night, row.loads, row.committed, row.unchanged, row.rejected),
            *(row.documents_added, row.documents_changed, row.documents_removed),
            *(row.labels_written, row.quarantined, row.issues),
        )
        for row in data.nights
    ]
    heads = (
        *("Night", "Loads", "Committed", "Unchanged", "Rejected", "Documents added", "changed", "removed"),
        *("Labels written", "Quarantined", "Issues"),
    )
    errors = [(row.night, row.last_error) for row in data.nights if row.last_error]
    content = _listed("Loads of the last nights", heads, rows)
    if errors:
        content += _listed("Last rejection of each night", ("Night", "Reason"), errors, texts=2)
    return PageSection("loads", "Loads", content)


def _plot(svg: bytes, caption: str, top: Rows, every: Rows, told: str) -> str:
    return figure(svg, f"{caption}. {told}", _caption(caption, top, every))


def _beside(
    plot: str, caption: str, heads: Sequence[str], rows: Sequence[Sequence[object]], *, texts: int = 1
) -> str:
    """Return a plot with its numbers beside it: the first of them, and all on request."""
    numbers = table(caption, heads, rows[:BESIDE], texts=texts)
    if len(rows) > BESIDE:
        numbers += details(f"More of the {len(rows):,} rows", _listed(caption, heads, rows, texts=texts))
    return f'<div class="pair"><div>{plot}</div><div>{numbers}</div></div>'


def _caption(caption: str, top: Rows, every: Rows) -> str:
    return caption if len(top) == len(every) else f"{caption}: the first {len(top)} of {len(every):,}"


def _listed(caption: str, heads: Sequence[str], rows: Sequence[Sequence[object]], *, texts: int = 1) -> str:
    more = f"; the first {LISTED} of {len(rows):,}" if len(rows) > LISTED else ""
    return table(caption + more, heads, rows[:LISTED], texts=texts)


def _last_of_each(rows: Rows) -> Rows:
    """Return the last row of each project; the rows are in the order of nights."""
    return list({row.project: row for row in rows}.values())


def _most(rows: Rows, key: Callable[[Any], object], weight: Callable[[Any], int]) -> list[Any]:
    """Return the keys of rows in descending order of weight."""
    totals: dict[object, int] = defaultdict(int)
    for row in rows:
        totals[key(row)] += weight(row)
    return sorted(totals, key=lambda name: (-totals[name], shown(name)))


def _carried(nights: Iterable[date], known: dict[date, float]) -> list[float | None]:
    """Return one value per night; a night without a value has that of the night before."""
    last: float | None = None
    found = []
    for night in nights:
        last = known.get(night, last)
        found.append(last)
    return found
