"""A forest plot: the difference of each method from the baseline, with its interval."""

from __future__ import annotations

from typing import Any

from ...extras import import_extra
from ..metrics import metric_of
from .measurements import BASELINE, Measurements

__all__ = ["draw_forest"]

_DETECTED, _OTHER = "#D55E00", "#0072B2"  # Okabe and Ito's, told apart by colour-blind readers too


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
    compared, info = measured.compared(metric), metric_of(metric)
    figure = import_extra("matplotlib.figure", "report").Figure(
        figsize=(7, 1.4 + 0.35 * len(compared)), layout="constrained"
    )
    import_extra("matplotlib.backends.backend_agg", "report").FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.axvline(0, color="black", linewidth=0.8)
    for place, one in enumerate(compared.values()):
        found, color = one.difference, _DETECTED if one.detected else _OTHER
        axes.plot([found.low, found.high], [place, place], color=color, linewidth=1.5)
        axes.plot(found.mean, place, "o", color=color, markerfacecolor=color if one.detected else "white")
    # No formula in a name: a $ in it is a $.
    axes.set_yticks(range(len(compared)), [name.replace("$", r"\$") for name in compared])
    axes.invert_yaxis()
    better = "right" if info.higher_is_better else "left"
    axes.set_xlabel(f"{info.label} minus that of `{BASELINE}` ({better} is better)")
    axes.set_title("Mean difference and 95 % interval; filled: detected (Holm)", fontsize="medium")
    axes.grid(axis="x", alpha=0.3)
    return figure
