"""Reliability curves: do predicted probabilities come true?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...extras import import_extra
from ..metrics.curves import BINS, in_bins
from ..report.palette import COLORS, MARKERS, STYLES
from .rows import read_rows

__all__ = ["Reliability", "plot_reliability", "reliability_curve"]


@dataclass(frozen=True, eq=False)
class Reliability:
    """How often rows of each bin of the predicted probability were positive; ``str`` is a small table.

    Attributes:
        predicted: Mean predicted probability of each bin, float64, shape (n_bins,); NaN in an empty bin.
        observed: Share of its rows that are positive; NaN in an empty bin.
        count: Its rows, int64.
        ece: Expected calibration error, the mean over rows of ``abs(observed - predicted)`` of their bins.
    """

    predicted: NDArray[np.float64]
    observed: NDArray[np.float64]
    count: NDArray[np.int64]
    ece: float

    def __str__(self) -> str:
        rows = zip(self.predicted, self.observed, self.count, strict=True)
        lines = [f"{p:>9.3f} {share:>9.3f} {n:>11,}" for p, share, n in rows if n]
        return "\n".join([f"{'predicted':>9} {'observed':>9} {'rows':>11}", *lines])


def reliability_curve(y_true: Any, p: Any, n_bins: int = BINS) -> Reliability:
    """Mean predicted probability, observed frequency and count in bins of equal width.

    Of calibrated probabilities, of the rows that get 0.3 three in ten are positive. Mind the counts: in a bin
    of few rows the observed frequency says little.

    Args:
        y_true: Labels of two classes, shape (n,); which is the positive one, see ``threshold_for``.
        p: Its predicted probability, shape (n,).
        n_bins: How many bins, (0, 1/n_bins] and so on; 0 is in the first.

    Raises:
        TypeError: If ``p`` holds no numbers or ``n_bins`` is no int.
        ValueError: If rows do not fit, there are not two classes, or a probability is outside [0, 1].

    >>> print(reliability_curve([0, 0, 1, 1], [0.2, 0.2, 0.2, 0.9], n_bins=5))
    predicted  observed        rows
        0.200     0.333           3
        0.900     1.000           1
    """
    if isinstance(n_bins, bool) or not isinstance(n_bins, int | np.integer):
        raise TypeError(f"`n_bins` must be an int, got {n_bins!r}")
    if n_bins < 1:
        raise ValueError(f"`n_bins` must be at least 1, got {n_bins}")
    positive, scores = read_rows(y_true, p)
    outside = (scores < 0) | (scores > 1)
    if outside.any():
        row = int(outside.argmax())
        raise ValueError(f"`p` must hold probabilities between 0 and 1, but row {row} has {scores[row]}")
    bins = in_bins(positive, scores, int(n_bins))
    rows = np.where(bins.count, bins.count, np.nan)
    return Reliability(bins.probability / rows, bins.hits / rows, bins.count, bins.gap)


def plot_reliability(curves: Mapping[str, Reliability], *, title: str = "") -> Any:
    """Draw reliability curves, such as before and after a correction, above the counts of their bins.

    Args:
        curves: Name -> curve.
        title: Above the axes.

    Returns:
        A ``matplotlib.figure.Figure``; write it with ``figure.savefig(path)``. No global state is touched.

    Raises:
        TypeError: If ``curves`` is no mapping of names to curves.
        ValueError: If there is no curve.
        ImportError: If matplotlib is missing (extra ``report``).
    """
    if not isinstance(curves, Mapping) or not all(isinstance(own, Reliability) for own in curves.values()):
        raise TypeError("`curves` must be such as {'SMOTE': reliability_curve(y, p)}: a name for each curve")
    if not curves:
        raise ValueError("`curves` holds no curve; give such as {'SMOTE': reliability_curve(y, p)}")
    figure = import_extra("matplotlib.figure", "report").Figure(figsize=(6, 7), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    upper.plot([0, 1], [0, 1], color="#777777", linewidth=1, label="calibrated")
    for number, (name, curve) in enumerate(curves.items()):
        filled = curve.count > 0
        look = {
            "color": COLORS[number % len(COLORS)],
            "linestyle": STYLES[number % len(STYLES)],
            "marker": MARKERS[number % len(MARKERS)],
        }
        label = f"{name} (ECE {curve.ece:.3f})"
        upper.plot(curve.predicted[filled], curve.observed[filled], label=label, **look)
        lower.plot(curve.predicted[filled], curve.count[filled], **look)
    upper.set(ylabel="observed frequency", xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), title=title)
    lower.set(xlabel="mean predicted probability", ylabel="rows in the bin", yscale="log")
    for axes in (upper, lower):
        axes.grid(alpha=0.3)
    upper.legend(loc="upper left")
    return figure
