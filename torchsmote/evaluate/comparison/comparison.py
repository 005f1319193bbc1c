"""Comparison: measurements that can be drawn and written down."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ..report.write import write_page
from .forest import draw_forest
from .measurements import Measurements
from .page import comparison_page

__all__ = ["Comparison"]


class Comparison(Measurements):
    """What ``compare`` returns: all that was measured, the verdict, pictures and a report.

    ``table``, ``scores`` and ``differences`` are pandas DataFrames, ``verdict`` is a sentence, ``str()`` fits
    80 columns, and ``to_dict()`` is strict JSON.
    """

    def plot(self, metric: str | None = None) -> Any:
        """Draw the differences from the baseline with their 95 % intervals.

        Args:
            metric: One of ``metrics``; None: the first.

        Returns:
            A matplotlib Figure, of no window and no global backend: ``figure.savefig(path)`` writes it, and
            notebooks show it.

        Raises:
            ImportError: If matplotlib is missing (extra ``report``).
            ValueError: If there is no such metric.
        """
        chosen = self.metrics[0] if metric is None else metric
        if chosen not in self.metrics:
            raise ValueError(f"`metric` is {metric!r}, but measured were: {', '.join(self.metrics)}")
        return draw_forest(self, chosen)

    def report(self, path: str | os.PathLike[str]) -> Path:
        """Write one HTML page that needs no network: verdict, intervals, curves, confusion, rows, settings.

        Text that comes from the table is escaped. The page carries ``to_dict()`` as JSON.

        Args:
            path: The file, .html by custom; an old one is overwritten, whole or not at all, and its folder is
                made where missing.

        Returns:
            The path.

        Raises:
            ImportError: If jinja2 or matplotlib is missing (extra ``report``).
            TypeError: If ``path`` is no path.
            ValueError: If it is a folder.
        """
        return write_page(comparison_page(self), path)
