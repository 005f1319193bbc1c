"""Charts as pictures of a page: drawn alike whatever the user's own settings of matplotlib are."""

from __future__ import annotations

from .bars import Bar, bar_chart
from .forest import Interval, forest_chart, paint_forest
from .lines import Line, line_chart
from .scatter import Dots, scatter_chart

__all__ = [
    "Bar",
    "Dots",
    "Interval",
    "Line",
    "bar_chart",
    "forest_chart",
    "line_chart",
    "paint_forest",
    "scatter_chart",
]
