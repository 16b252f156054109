"""The wall of the report, for a warehouse without checks: the labels that look most suspicious, and why."""

import json
from collections.abc import Sequence
from types import SimpleNamespace

import duckdb

from labelhouse.reporting.drawings import Drawing, svg
from labelhouse.reporting.page import PageSection, note
from labelhouse.reporting.rows import ReportRows, rows
from labelhouse.reporting.text import escaped, shown

EACH = 12
"""The most labels that are drawn for each reason."""
EACH_DOCUMENT = 3
"""The most labels that are drawn for each reason and document, so that one bad document fills no wall."""
LEGEND = (
    '<ul class="legend"><li>grey frame: the image</li>'
    "<li>red: bounding box, a dashed circle around a tiny one, a cross on one without extent</li>"
    "<li>blue: polygon, line or mask</li><li>green: keypoints, hollow where hidden</li></ul>"
)


def wall(connection: duckdb.DuckDBPyConnection, project: str | None) -> PageSection:
    """Return the drawings; the published file has to be current and the warehouse attached."""
    suspects = rows(
        connection, "report/suspects", {"project": project, "each": EACH, "each_document": EACH_DOCUMENT}
    )
    if not suspects:
        text = "No label looks wrong by its numbers. The checks, which see more, have not been run."
        return PageSection("wall", "Suspicious labels", note(text), is_empty=True)
    geometry = geometry_of(connection, suspects)
    items = "".join(_item(s, geometry.get((s.document_key, s.position))) for s in suspects)
    explained = note(
        "The worst labels of each kind, drawn on an empty frame of their image's size: boxes that reach "
        "out of the image, boxes without an extent, areas larger than their box, and boxes far off the "
        "median of their class. The checks have not been run; labelhouse check finds more."
    )
    return PageSection("wall", "Suspicious labels", f'{explained}{LEGEND}<ul class="wall">{items}</ul>')


def reason(suspect: SimpleNamespace) -> str:
    """Return in words why a label is on the wall."""
    amount = suspect.amount
    match suspect.reason:
        case "outside":
            return f"{_spoken(amount)} px outside its image"
        case "flat":
            return f"box of {suspect.bbox_w:,.4g} x {suspect.bbox_h:,.4g} px"
        case "area":
            return "area without a box" if amount is None else f"area is {_spoken(amount)} times its box"
    if amount > 1:
        return f"{_spoken(amount)} times the size of its class"
    return f"{_spoken(1 / amount)} times smaller than its class"


def _spoken(amount: float) -> str:
    return f"{amount:,.0f}" if abs(amount) >= 100 else f"{amount:.3g}"


def geometry_of(
    connection: duckdb.DuckDBPyConnection, suspects: ReportRows
) -> dict[tuple[int, int], SimpleNamespace]:
    """Return the geometry of labels by document key and position; the warehouse has to be attached."""
    parameters: dict[str, object] = {
        "keys": [s.document_key for s in suspects],
        "positions": [s.position for s in suspects],
    }
    labels = rows(connection, "report/geometry", parameters)
    return {(row.document_key, row.position): row for row in labels}


def _item(suspect: SimpleNamespace, geometry: SimpleNamespace | None) -> str:
    why = reason(suspect)
    title = f"{shown(suspect.category_name)}, {suspect.shape}: {why}"
    return (
        f"<li>{svg(drawing_of(suspect, geometry), title)}"
        f'<p class="what">{escaped(suspect.category_name)}</p>'
        f"<p>{escaped(why)}</p><p>{escaped(suspect.shape)}, {escaped(suspect.project)}</p>"
        f"<p>{escaped(suspect.document_title or suspect.image_key)}</p>"
        f"<p>image {escaped(suspect.image_key)}</p>"
        f"<p>{'' if suspect.label_id is None else f'label {escaped(suspect.label_id)}'}</p></li>"
    )


def drawing_of(suspect: SimpleNamespace, geometry: SimpleNamespace | None) -> Drawing:
    """Return what to draw of a label: its box, and its geometry if there is any."""
    box = (suspect.bbox_x, suspect.bbox_y, suspect.bbox_w, suspect.bbox_h)
    drawing = Drawing(
        width=suspect.width,
        height=suspect.height,
        bbox=None if None in box else box,
        rotation=suspect.rotation,
        is_closed=suspect.shape != "polyline",
    )
    if geometry is None:
        return drawing
    return Drawing(
        width=drawing.width,
        height=drawing.height,
        bbox=drawing.bbox,
        rotation=drawing.rotation,
        is_closed=drawing.is_closed,
        rings=geometry.polygons or (),
        runs=runs_of(geometry.rle_counts or ""),
        runs_width=geometry.rle_width or 0,
        runs_height=geometry.rle_height or 0,
        points=[tuple(p) for p in geometry.keypoints or () if None not in p],
    )


def runs_of(text: str) -> Sequence[int]:
    """Return the runs of a mask from COCO's compressed string or a JSON list; empty if it is neither."""
    if text.startswith("["):
        listed = json.loads(text)
        return listed if all(isinstance(run, int) for run in listed) else ()
    runs: list[int] = []
    value = shift = 0
    for character in text:
        code = ord(character) - 48
        if not 0 <= code < 64:
            return ()
        value |= (code & 0x1F) << shift
        shift += 5
        if not code & 0x20:
            if code & 0x10:
                value -= 1 << shift
            runs.append(value + (runs[-2] if len(runs) > 2 else 0))
            value = shift = 0
    return runs
