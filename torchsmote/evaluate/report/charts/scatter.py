"""Points of several kinds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..page import Figure
from ..palette import COLORS, MARKERS
from ..plain_text import shortened
from .canvas import GREY, draw, legend

__all__ = ["Dots", "scatter_chart"]

_COLORS = COLORS[1:]
_MOST = 0.99  # of the points are inside, at least, each way: a few far ones would make the others a blot


@dataclass(frozen=True)
class Dots:
    """Points of one kind.

    Attributes:
        name: In the legend.
        x: Across.
        y: Up.
        color: Position in the palette, alike for points of one class; None: grey, behind all others.
        made: Whether they are synthetic: crosses.
    """

    name: str
    x: Sequence[float]
    y: Sequence[float]
    color: int | None
    made: bool = False


def scatter_chart(kinds: Sequence[Dots], *, across: str, up: str, alt: str, caption: str) -> Figure:
    """All kinds over one pair of axes.

    Args:
        kinds: From back to front.
        across: Label of the horizontal axis.
        up: Label of the vertical axis.
        alt: See `Figure`.
        caption: See `Figure`; how many points lie outside is added to it.
    """
    points = np.concatenate([np.column_stack([kind.x, kind.y]) for kind in kinds])
    low, high = np.quantile(points, [1 - _MOST, _MOST], axis=0)
    low, high = low - 0.25 * (high - low) - 1e-9, high + 0.25 * (high - low) + 1e-9
    outside = int(((points < low) | (points > high)).any(axis=1).sum())
    low, high = (
        np.maximum(low, points.min(axis=0) - 0.03 * (high - low)),
        np.minimum(high, points.max(axis=0) + 0.03 * (high - low)),
    )

    def paint(figure: Any, axes: Any) -> None:
        drawn = [(kind, _spread(axes, kind)) for kind in kinds]
        drawn.sort(key=lambda pair: pair[0].made)  # real ones in the legend's first column
        axes.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), xlabel=across, ylabel=up)
        names = [f"{shortened(kind.name, 26)} ({len(kind.x):,})" for kind, _ in drawn]
        legend(figure, [dots for _, dots in drawn], names, markerscale=1.5)

    if outside:
        caption += (
            f" {outside:,} far {'point lies' if outside == 1 else 'points lie'} outside of the picture."
        )
    height = 3.9 + 0.19 * len(kinds)
    return draw(paint, height=height, title="", alt=alt, caption=caption)


def _spread(axes: Any, kind: Dots) -> Any:
    look: dict[str, Any] = {"s": 7, "color": "#b5b5b5", "marker": "o", "linewidths": 0, "zorder": 1}
    if kind.color is not None:
        color, marker = _COLORS[kind.color % len(_COLORS)], MARKERS[kind.color % len(MARKERS)]
        look = {
            "s": 20,
            "color": color,
            "marker": marker,
            "linewidths": 0.4,
            "edgecolors": "#000000",
            "zorder": 3,
        }
    if kind.made:
        color = GREY if kind.color is None else _COLORS[kind.color % len(_COLORS)]
        look = {"s": 16, "color": color, "marker": "x", "linewidths": 0.9, "zorder": 2}
    return axes.scatter(kind.x, kind.y, rasterized=True, **look)
