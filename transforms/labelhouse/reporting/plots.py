"""Draw the plots of the report as SVG, each a picture of its own that loads nothing."""

import io
import warnings
from collections.abc import Sequence
from datetime import date
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

from labelhouse.reporting.text import shortened

# Okabe and Ito's palette: colour-blind readers can distinguish it, and lightness does in print.
BLUE, ORANGE, GREEN, RED, GREY = "#0072b2", "#e69f00", "#009e73", "#c8102e", "#8a8a8a"
SERIES = (BLUE, ORANGE, GREEN, "#cc79a7", "#56b4e9", "#d55e00", "#4d4d4d", "#b8a200")
WIDTH_IN = 4.6
"""At this width, text of 9.5 points stays readable when a phone shows the plot at its own width."""
_STYLE: dict[Any, Any] = {
    # Text stays text, in the reader's font; a name with dollars is not a formula.
    "svg.fonttype": "none",
    "text.parse_math": False,
    "svg.hashsalt": "labelhouse",
    "font.size": 9.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#767676",
    "axes.axisbelow": True,
    # The page's ground shows through, light or dark.
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "legend.frameon": False,
}

# From a light blue that is visible against white to a dark one.
_HEAT = LinearSegmentedColormap.from_list("heat", ["#c6dbef", "#4292c6", "#08306b"])

Series = Sequence[tuple[str, Sequence[float | None], str]]


def bars(names: Sequence[object], series: Series, *, share: bool = False) -> bytes:
    """Draw a horizontal bar per name, stacked from the series (name, values, colour)."""
    height = 0.9 + 0.24 * len(names)
    with matplotlib.rc_context(_STYLE):
        figure, axes = _figure(height)
        left = np.zeros(len(names))
        for label, values, colour in series:
            widths = np.array([value or 0 for value in values], dtype=float)
            axes.barh(range(len(names)), widths, left=left, color=colour, label=label, height=0.72)
            left = left + widths
        axes.set_yticks(range(len(names)), [shortened(name) for name in names])
        axes.set_ylim(len(names) - 0.4, -0.6)
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="x", color="#e2e2e2")
        _scale(axes, "x", share)
        if len(series) > 1:
            figure.legend(loc="outside upper left", ncols=len(series), handlelength=1)
        return _svg(figure)


def columns(nights: Sequence[date], series: Series) -> bytes:
    """Draw a column per night, stacked from the series (name, values, colour)."""
    with matplotlib.rc_context(_STYLE):
        figure, axes = _figure(2.6)
        bottom = np.zeros(len(nights))
        for label, values, colour in series:
            heights = np.array([value or 0 for value in values], dtype=float)
            axes.bar(range(len(nights)), heights, bottom=bottom, color=colour, label=label, width=0.8)
            bottom = bottom + heights
        axes.set_xlim(*_ends(nights))
        _night_ticks(axes, nights)
        axes.grid(axis="y", color="#e2e2e2")
        _scale(axes, "y", share=False)
        figure.legend(loc="outside upper left", ncols=len(series), handlelength=1)
        return _svg(figure)


def lines(nights: Sequence[date], series: Sequence[tuple[str, Sequence[float | None]]]) -> bytes:
    """Draw shares over the nights, one line per series, with a gap where there is no value."""
    with matplotlib.rc_context(_STYLE):
        figure, axes = _figure(2.8)
        for index, (label, values) in enumerate(series):
            heights = np.array([np.nan if value is None else value for value in values], dtype=float)
            axes.plot(
                range(len(nights)),
                heights,
                color=SERIES[index % len(SERIES)],
                marker="osD^vPX*"[index % 8],
                markersize=4,
                label=shortened(label),
            )
        axes.set_ylim(-0.03, 1.03)
        axes.set_xlim(*_ends(nights))
        _night_ticks(axes, nights)
        axes.grid(axis="y", color="#e2e2e2")
        _scale(axes, "y", share=True)
        figure.legend(loc="outside upper left", ncols=3, handlelength=1.5)
        return _svg(figure)


def heat_maps(maps: Sequence[tuple[str, Sequence[tuple[int, int, int]]]], cells: int) -> bytes:
    """Draw a grid per map, from (column, row, count): darker means more, each map on its own scale."""
    across = min(3, len(maps))
    down = -(-len(maps) // across)
    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=(WIDTH_IN, 0.1 + (WIDTH_IN / 3 + 0.15) * down), layout="constrained")
        for index, (name, counts) in enumerate(maps):
            axes = figure.add_subplot(down, across, index + 1)
            grid = np.zeros((cells, cells))
            for x, y, count in counts:
                grid[y, x] += count
            # Vectors, not an image, because they are sharp in print. A cell without labels is left white.
            drawn = np.ma.masked_equal(grid, 0)
            axes.pcolormesh(drawn, cmap=_HEAT, vmin=0, vmax=max(grid.max(), 1))
            axes.set_aspect("equal")
            axes.invert_yaxis()
            axes.set_xticks([])
            axes.set_yticks([])
            axes.set_title(shortened(name, 20), fontsize=9)
            for side in ("top", "right", "bottom", "left"):
                axes.spines[side].set_visible(True)
        return _svg(figure)


def _figure(height: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(WIDTH_IN, height), layout="constrained")
    return figure, figure.add_subplot()


def _scale(axes: Axes, which: str, share: bool) -> None:
    axis = axes.xaxis if which == "x" else axes.yaxis
    if share:
        axis.set_major_formatter(PercentFormatter(1.0, decimals=0))
        axis.set_major_locator(MaxNLocator(5))
    else:
        axis.set_major_locator(MaxNLocator(5, integer=True))
        axis.set_major_formatter(FuncFormatter(lambda value, _: _thousands(value)))


def _thousands(value: float) -> str:
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:g} {unit}"
    return f"{value:g}"


def _ends(nights: Sequence[date]) -> tuple[float, float]:
    """Return the ends of the axis: a few nights stand in its middle, and do not leave most of it empty."""
    pad = 0.7 if len(nights) > 3 else 1
    return -pad, len(nights) - 1 + pad


def _night_ticks(axes: Axes, nights: Sequence[date]) -> None:
    # A date is wider than a night where many of them stand beside each other.
    step = -(-len(nights) // 5)
    at = list(range(len(nights) - 1, -1, -step))[::-1]
    axes.set_xticks(at, [nights[index].isoformat() for index in at], fontsize=8)


def _svg(figure: Figure) -> bytes:
    out = io.BytesIO()
    with warnings.catch_warnings():
        # The reader's fonts show characters that the font used for measuring lacks.
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        warnings.filterwarnings("ignore", message=".*does not support")
        warnings.filterwarnings("ignore", message=".*constrained_layout")
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return out.getvalue()
