"""The picture of the precision-recall curves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..evaluate.metrics.curves import precision_at
from ..evaluate.report.palette import COLORS, STYLES
from ..extras import import_extra
from .runs import Result
from .scores import Labelled

__all__ = ["mean_curve", "plot_curves"]

_RECALL = np.linspace(0, 1, 201)


def mean_curve(labelled: Sequence[Labelled]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Precision on a grid of recall from 0 to 1: mean and standard deviation over the given parts.

    Predictions of different networks are not pooled: they are not on one scale.

    Returns:
        Mean and standard deviation, each of shape (201,).
    """
    curves = [precision_at(part.y, part.p, _RECALL) for part in labelled]
    return np.mean(curves, axis=0), np.std(curves, axis=0, ddof=1)


def plot_curves(results: Sequence[Result], title: str, path: Path) -> None:
    """Draw one mean curve per method, with a band of one standard deviation, into a PNG file.

    Args:
        results: At least two seeds.
        title: Above the axes.
        path: File to write.

    Raises:
        ImportError: If matplotlib is missing (extra ``demo``).
    """
    figure = import_extra("matplotlib.figure").Figure(figsize=(7, 5.5), layout="constrained")
    import_extra("matplotlib.backends.backend_agg").FigureCanvasAgg(figure)  # no display, no global backend
    axes = figure.add_subplot()
    for number, method in enumerate(dict.fromkeys(result.method for result in results)):
        own = [result for result in results if result.method == method]
        mean, spread = mean_curve([result.test for result in own])
        color, style = COLORS[number % len(COLORS)], STYLES[number % len(STYLES)]
        area = np.mean([result.scores.pr_auc for result in own])
        axes.plot(_RECALL, mean, color=color, linestyle=style, label=f"{method} (PR-AUC {area:.3f})")
        axes.fill_between(_RECALL, mean - spread, mean + spread, color=color, alpha=0.08, linewidth=0)
    axes.set(xlabel="recall", ylabel="precision", xlim=(0, 1), ylim=(0, 1.02), title=title)
    axes.grid(alpha=0.3)
    axes.legend(loc="lower left", title="mean over seeds; band: one standard deviation")
    figure.savefig(path, dpi=150)
