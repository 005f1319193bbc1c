"""Means with their intervals, one below the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ..page import Figure
from ..palette import COLORS
from ..plain_text import shortened
from .canvas import GREY, draw, legend, write

__all__ = ["Interval", "forest_chart", "paint_forest"]

_BLUE, _ORANGE = COLORS[6], COLORS[4]
_LOOKS = {  # marker, colour, fill: shape and fill say it without colour, too
    "better": ("^", _BLUE, _BLUE),
    "worse": ("v", _ORANGE, _ORANGE),
    "": ("o", "#444444", "#ffffff"),
}
_GROUND = {"facecolor": "#ffffff", "edgecolor": "none", "pad": 1}  # lines end where text begins
_WORDS = {"better": "better than the baseline", "worse": "worse than it", "": "no detectable difference"}


@dataclass(frozen=True)
class Interval:
    """One row.

    Attributes:
        name: Of the method.
        text: Its numbers.
        mean: Where the mark stands.
        low: Where the line begins.
        high: Where it ends.
        side: Whether a difference was detected, and which.
    """

    name: str
    text: str
    mean: float
    low: float
    high: float
    side: Literal["better", "worse", ""]


def forest_chart(rows: Sequence[Interval], *, title: str, across: str, alt: str, caption: str) -> Figure:
    """A picture of a forest plot.

    Args:
        rows: From the top.
        title: Above.
        across: Label of the axis; 0 is marked on it.
        alt: See `Figure`.
        caption: See `Figure`.
    """

    def paint(figure: Any, axes: Any) -> None:
        paint_forest(figure, axes, rows, across)

    return draw(paint, height=1.25 + 0.4 * len(rows), title=title, alt=alt, caption=caption)


def paint_forest(figure: Any, axes: Any, rows: Sequence[Interval], across: str) -> None:
    """Each row has its name and numbers above its line, so that long names need no room beside it.

    Args:
        figure: A matplotlib Figure.
        axes: Its empty Axes.
        rows: From the top.
        across: Label of the axis; 0 is marked on it.
    """
    above = axes.get_yaxis_transform()  # across in parts of the axes, up in rows
    axes.axvline(0, color=GREY, linewidth=1, zorder=1)
    for place, row in enumerate(rows):
        marker, color, fill = _LOOKS[row.side]
        axes.plot([row.low, row.high], [place, place], color=color, linewidth=1.8, solid_capstyle="butt")
        axes.plot([row.mean], [place], marker, color=color, markerfacecolor=fill, markersize=7)
        options = {"transform": above, "va": "center", "clip_on": False, "bbox": _GROUND}
        write(axes, 0, place - 0.45, shortened(row.name, 30), ha="left", **options)
        write(axes, 1, place - 0.45, row.text, ha="right", **options)
    axes.set(xlabel=across, ylim=(len(rows) - 0.6, -0.8), yticks=[])
    axes.margins(x=0.06)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x", alpha=0.3)
    shown = [side for side in _LOOKS if side in {row.side for row in rows}]
    legend(figure, [_handle(axes, side) for side in shown], [_WORDS[side] for side in shown])


def _handle(axes: Any, side: str) -> Any:
    marker, color, fill = _LOOKS[side]
    return axes.plot([], [], marker=marker, color=color, markerfacecolor=fill, markersize=7, linewidth=1.8)[0]
