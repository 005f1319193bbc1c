"""Bars across, one below the other, of one part or several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..page import Figure
from ..palette import COLORS
from ..plain_text import shortened
from .canvas import draw, legend, write

__all__ = ["Bar", "bar_chart"]

# Hatches for eyes and prints without colour.
_LOOKS = (
    {"color": COLORS[6]},
    {"facecolor": "#ffffff", "edgecolor": COLORS[1], "hatch": "///"},
    {"facecolor": "#ffffff", "edgecolor": COLORS[0], "hatch": "xxx"},
)


@dataclass(frozen=True)
class Bar:
    """One row.

    Attributes:
        name: Of the class.
        text: Its numbers.
        parts: Lengths, from the left.
    """

    name: str
    text: str
    parts: Sequence[float]


def bar_chart(
    bars: Sequence[Bar],
    *,
    names: Sequence[str],
    title: str,
    across: str,
    alt: str,
    caption: str,
    shares: bool = False,
) -> Figure:
    """Each bar has its name and numbers above it.

    Args:
        bars: From the top.
        names: Of the parts; up to three.
        title: Above.
        across: Label of the axis.
        alt: See `Figure`.
        caption: See `Figure`.
        shares: Whether the parts of each bar are shares of a whole.
    """

    def paint(figure: Any, axes: Any) -> None:
        above = axes.get_yaxis_transform()
        handles = []
        left = [0.0] * len(bars)
        for part, look in zip(range(len(names)), _LOOKS, strict=False):
            lengths = [bar.parts[part] for bar in bars]
            handles.append(axes.barh(range(len(bars)), lengths, left=left, height=0.36, **look))
            left = [start + length for start, length in zip(left, lengths, strict=True)]
        for place, bar in enumerate(bars):
            options = {"transform": above, "va": "center", "clip_on": False}
            write(axes, 0, place - 0.44, shortened(bar.name, 30), ha="left", **options)
            write(axes, 1, place - 0.44, bar.text, ha="right", **options)
        longest = 1 if shares else max(left) or 1
        axes.set(xlabel=across, ylim=(len(bars) - 0.6, -0.8), yticks=[], xlim=(0, longest))
        axes.spines["left"].set_visible(False)
        axes.locator_params(axis="x", nbins=5)
        axes.xaxis.set_major_formatter("{x:.0%}" if shares else "{x:,g}")
        if len(names) > 1:
            legend(figure, handles, names, handleheight=1.2)

    height = 1.15 + 0.42 * len(bars) + 0.35 * (len(names) > 1)
    return draw(paint, height=height, title=title, alt=alt, caption=caption)
