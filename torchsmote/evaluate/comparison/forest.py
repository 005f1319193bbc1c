"""A forest plot: the difference of each method from the baseline, with its interval."""

from __future__ import annotations

from typing import Any, Literal

from ...extras import import_extra
from ..metrics import Metric, metric_of
from ..report.charts import Interval, paint_forest
from .measurements import BASELINE, Measurements
from .verdict import Compared

__all__ = ["across_text", "draw_forest", "intervals"]

_SMALL = 0.02  # differences below it are told in four digits


def draw_forest(measured: Measurements, metric: str) -> Any:
    """One row a method: mean difference and 95 % interval; filled where Holm's p-value is below 0.05.

    Args:
        measured: What was measured.
        metric: One of its metrics.

    Returns:
        A matplotlib Figure.

    Raises:
        ImportError: If matplotlib is missing (extra ``report``).
    """
    rows = intervals(measured, metric)
    figure = import_extra("matplotlib.figure", "report").Figure(
        figsize=(7, 1.4 + 0.45 * len(rows)), layout="constrained"
    )
    import_extra("matplotlib.backends.backend_agg", "report").FigureCanvasAgg(figure)
    paint_forest(figure, figure.add_subplot(), rows, across_text(metric))
    return figure


def intervals(measured: Measurements, name: str) -> list[Interval]:
    """The rows of a forest plot: every method but the baseline."""
    metric = metric_of(name)
    return [
        Interval(
            method,
            _figures(one),
            one.difference.mean,
            one.difference.low,
            one.difference.high,
            _side(metric, one),
        )
        for method, one in measured.compared(name).items()
    ]


def across_text(name: str) -> str:
    """What the axis of a forest plot shows, and which way is better."""
    metric = metric_of(name)
    better = "right" if metric.higher_is_better else "left"
    return f"{metric.label} minus that of “{BASELINE}” ({better} is better)"


def _figures(one: Compared) -> str:
    found = one.difference
    if found.low == found.high == 0:
        return "the same in every fold"
    digits = 4 if max(-found.low, found.high) < _SMALL else 3
    mean, low, high = (_signed(value, digits) for value in (found.mean, found.low, found.high))
    return f"{mean} ({low} … {high})"


def _signed(value: float, digits: int) -> str:
    text = f"{value:+.{digits}f}".replace("-", "\N{MINUS SIGN}")
    return text if any(digit in text for digit in "123456789") else text[1:]


def _side(metric: Metric, one: Compared) -> Literal["better", "worse", ""]:
    if not one.detected:
        return ""
    return "better" if (one.difference.mean > 0) == metric.higher_is_better else "worse"
