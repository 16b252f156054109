"""Draw a label on an empty frame of its image's size, as SVG inside the page."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from labelhouse.reporting.text import escaped

MAX_POINTS = 300
"""Points of a ring that are drawn; if there are more, every n-th is drawn."""
MAX_COLUMNS = 120
"""Columns of a mask that are drawn; if there are more, every n-th is drawn, as wide as those left out."""
MAX_MASK_PIXELS = 100_000_000
MAX_EXTENT = 1e7

Ring = Sequence[float]


@dataclass(frozen=True, slots=True)
class Drawing:
    """The geometry of one label, in pixels; `runs` are those of a mask, column by column from the left."""

    width: float | None
    height: float | None
    bbox: tuple[float, float, float, float] | None = None
    rotation: float | None = None
    rings: Sequence[Ring] = ()
    is_closed: bool = True
    runs: Sequence[int] = ()
    runs_height: int = 0
    runs_width: int = 0
    points: Sequence[tuple[float, float, float]] = field(default=())


def svg(drawing: Drawing, title: str) -> str:
    """Return the drawing as an SVG element whose text alternative is `title`."""
    left, top, right, bottom = _extent(drawing)
    width, height = right - left, bottom - top
    pad = 0.03 * max(width, height)
    # The frame sets the size of shapes, the screen the thickness of lines.
    box = " ".join(_n(v) for v in (left - pad, top - pad, width + 2 * pad, height + 2 * pad))
    return (
        f'<svg viewBox="{box}" role="img" aria-label="{escaped(title)}">'
        f"{''.join(_elements(drawing, max(width, height)))}</svg>"
    )


def _elements(drawing: Drawing, size: float) -> Iterator[str]:
    if drawing.width and drawing.height:
        yield f'<rect class="frame" width="{_n(drawing.width)}" height="{_n(drawing.height)}"/>'
    if drawing.runs and 0 < drawing.runs_width * drawing.runs_height <= MAX_MASK_PIXELS:
        path = _mask_path(drawing.runs, drawing.runs_width, drawing.runs_height)
        yield f'<path class="mask" d="{path}"/>'
    for ring in drawing.rings:
        kind = "ring" if drawing.is_closed else "line"
        yield f'<path class="{kind}" d="{_ring_path(ring, drawing.is_closed)}"/>'
    if drawing.bbox and all(map(_is_drawable, drawing.bbox)):
        x, y, w, h = drawing.bbox
        turn = ""
        if drawing.rotation:
            turn = f' transform="rotate({_n(drawing.rotation)} {_n(x + w / 2)} {_n(y + h / 2)})"'
        if w > 0 and h > 0:
            yield f'<rect class="box" x="{_n(x)}" y="{_n(y)}" width="{_n(w)}" height="{_n(h)}"{turn}/>'
        else:
            # A box without an extent would not show: it becomes a line of its length and a cross in its
            # middle.
            line = f"M{_n(x)} {_n(y)}L{_n(x + w)} {_n(y + h)}"
            yield f'<path class="cross" d="{line}{_cross(x + w / 2, y + h / 2, 0.03 * size)}"{turn}/>'
    if (spot := _hidden_spot(drawing, size)) is not None:
        yield f'<circle class="spot" cx="{_n(spot[0])}" cy="{_n(spot[1])}" r="{_n(0.05 * size)}"/>'
    for x, y, visibility in drawing.points[:MAX_POINTS]:
        if visibility > 0 and _is_drawable(x) and _is_drawable(y):
            kind = "seen" if visibility >= 2 else "hidden"
            yield f'<circle class="{kind}" cx="{_n(x)}" cy="{_n(y)}" r="{_n(0.012 * size)}"/>'


def _hidden_spot(drawing: Drawing, size: float) -> tuple[float, float] | None:
    """Return the centre of a box that is too small to see: a circle shows where it lies."""
    if not drawing.bbox or not all(map(_is_drawable, drawing.bbox)):
        return None
    x, y, w, h = drawing.bbox
    return (x + w / 2, y + h / 2) if max(w, h) < 0.03 * size else None


def _extent(drawing: Drawing) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of the image and of the parts of the label outside it."""
    xs: list[float] = [0.0, drawing.width] if drawing.width else []
    ys: list[float] = [0.0, drawing.height] if drawing.height else []
    if drawing.bbox:
        x, y, w, h = drawing.bbox
        xs += [x, x + w]
        ys += [y, y + h]
    for ring in drawing.rings:
        xs += ring[0::2]
        ys += ring[1::2]
    shown = [(x, y) for x, y, visibility in drawing.points if visibility > 0]
    xs = [x for x in (*xs, *(x for x, _ in shown)) if _is_drawable(x)] or [0.0, 1.0]
    ys = [y for y in (*ys, *(y for _, y in shown)) if _is_drawable(y)] or [0.0, 1.0]
    return min(xs), min(ys), max(max(xs), min(xs) + 1), max(max(ys), min(ys) + 1)


def _ring_path(ring: Ring, is_closed: bool) -> str:
    every = zip(ring[0::2], ring[1::2], strict=False)
    pairs = [(x, y) for x, y in every if _is_drawable(x) and _is_drawable(y)]
    step = max(1, -(-len(pairs) // MAX_POINTS))
    text = "L".join(f"{_n(x)} {_n(y)}" for x, y in pairs[::step])
    return f"M{text}{'Z' if is_closed else ''}" if text else ""


def _mask_path(runs: Sequence[int], width: int, height: int) -> str:
    """Return a rectangle per stretch of set pixels; runs go down the columns, unset pixels first."""
    columns: dict[int, list[tuple[int, int]]] = {}
    at, is_set = 0, False
    for run in runs:
        if is_set and run > 0:
            end = min(at + run, width * height)
            while at < end:
                column, row = divmod(at, height)
                rows = min(height - row, end - at)
                columns.setdefault(column, []).append((row, rows))
                at += rows
        else:
            at += max(run, 0)
        is_set = not is_set
    if not columns:
        return ""
    step = max(1, -(-(max(columns) - min(columns) + 1) // MAX_COLUMNS))
    first = min(columns)
    return "".join(
        f"M{column} {row}h{step}v{rows}h-{step}z"
        for column in range(first, max(columns) + 1, step)
        for row, rows in columns.get(column, ())
    )


def _cross(x: float, y: float, size: float) -> str:
    return f"M{_n(x - size)} {_n(y)}H{_n(x + size)}M{_n(x)} {_n(y - size)}V{_n(y + size)}"


def _is_drawable(value: float) -> bool:
    return math.isfinite(value) and abs(value) < MAX_EXTENT


def _n(value: float) -> str:
    return f"{value:.5g}" if abs(value) < 1e5 else f"{value:.0f}"
