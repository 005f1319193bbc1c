"""Curves over one pair of axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..page import Figure
from ..palette import COLORS, MARKERS, STYLES
from ..plain_text import shortened
from .canvas import GREY, draw, legend

__all__ = ["Line", "line_chart"]


@dataclass(frozen=True)
class Line:
    """A curve.

    Attributes:
        name: In the legend.
        x: Across.
        y: Up.
    """

    name: str
    x: Sequence[float]
    y: Sequence[float]


def line_chart(
    lines: Sequence[Line],
    *,
    title: str,
    across: str,
    up: str,
    alt: str,
    caption: str,
    diagonal: str = "",
    dots: bool = False,
) -> Figure:
    """Curves from 0 to 1 both ways; the first is black and broad.

    Args:
        lines: As many as `COLORS` has, at most.
        title: Above.
        across: Label of the horizontal axis.
        up: Label of the vertical axis.
        alt: See `Figure`.
        caption: See `Figure`.
        diagonal: Name of the line from (0, 0) to (1, 1); "" draws none.
        dots: Whether to mark the points.
    """

    def paint(figure: Any, axes: Any) -> None:
        handles, names = [], []
        for place, line in enumerate(lines):
            look = {
                "color": COLORS[place],
                "linestyle": STYLES[place],
                "linewidth": 1.6 if place else 2.2,
                "marker": MARKERS[place] if dots else None,
                "markersize": 4,
                "zorder": 3 if place else 2.5,
            }
            handles += axes.plot(line.x, line.y, **look)
            names.append(shortened(line.name, 36))
        if diagonal:
            handles += axes.plot([0, 1], [0, 1], color=GREY, linewidth=0.8)
            names.append(diagonal)
        axes.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.02), xlabel=across, ylabel=up)
        axes.grid(alpha=0.3)
        legend(figure, handles, names, longest=16, handlelength=3.2)

    height = 3.7 + 0.19 * (len(lines) + bool(diagonal))
    return draw(paint, height=height, title=title, alt=alt, caption=caption)
