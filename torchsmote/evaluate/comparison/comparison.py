"""Comparison: measurements that can be drawn and written down."""

from __future__ import annotations

from typing import Any

from .forest import draw_forest
from .measurements import Measurements

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
