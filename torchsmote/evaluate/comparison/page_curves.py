"""Precision-recall, ROC and reliability curves of the methods, as many as can be told apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..metrics import GRID, ClassCurves, metric_of
from ..report.charts import Line, line_chart
from ..report.page import Block, Choice, Figure, Grid, Paragraph
from .measurements import BASELINE, Measurements

__all__ = ["curve_blocks", "ranked"]

_LINES = 7  # colours that can be told apart
_CLASSES = 3
_FEWEST = 10  # rows in a bin, below which its share says little
_AT = 50  # position in GRID that alt texts quote


def curve_blocks(measurements: Measurements) -> list[Block]:
    """Three charts of the rarer class; in a task of more classes, of each of the rarest."""
    methods, words = _chosen(measurements)
    classes = sorted(
        {place for fit in measurements.fits for place in fit.curves},
        key=lambda place: measurements.counts[place],
    )
    shown = classes[:_CLASSES]
    options = [
        (f"class {measurements.classes[place]}", [Grid(_charts(measurements, methods, place))])
        for place in shown
    ]
    if len(classes) > len(shown):
        words += f" Each class against the rest; of {len(classes):,} classes, the {len(shown)} rarest."
    if len(options) == 1:
        return [Paragraph(f"Curves of {options[0][0]}. {words}"), *options[0][1]]
    return [Paragraph(words), Choice("Class shown", options)] if options else [Paragraph("No curves.")]


def ranked(measurements: Measurements) -> list[str]:
    """All methods, the best in the first metric first."""
    metric = measurements.metrics[0]
    sign = -1 if metric_of(metric).higher_is_better else 1
    return sorted(measurements.methods, key=lambda method: sign * measurements.mean(method, metric).mean)


def _chosen(measurements: Measurements) -> tuple[list[str], str]:
    """The baseline and the best others, and which these are in words."""
    same = [method for method in measurements.methods if _same_curves(measurements, method)]
    others = [method for method in ranked(measurements) if method not in same]
    methods = [BASELINE, *others[: _LINES - 1]]
    words = "Means over the test parts; probabilities of all test parts together for reliability."
    if len(same) > 1:
        twins = ", ".join(f"“{method}”" for method in same if method != BASELINE)
        words += f" {twins} has the same probabilities as “{BASELINE}”, and is not drawn again."
    if len(others) >= _LINES:
        words += f" Shown are “{BASELINE}” and the {_LINES - 1} best others in {_label(measurements)}."
    return methods, words


def _label(measurements: Measurements) -> str:
    return metric_of(measurements.metrics[0]).label


def _same_curves(measurements: Measurements, method: str) -> bool:
    """Whether a method predicts the baseline's probabilities, and differs in the threshold at most."""
    own, base = (
        {(fit.repeat, fit.fold): fit.curves for fit in measurements.fits if fit.method == name}
        for name in (method, BASELINE)
    )
    return own == base


def _charts(measurements: Measurements, methods: Sequence[str], place: int) -> list[Figure]:
    parts = {
        method: [
            fit.curves[place] for fit in measurements.fits if fit.method == method and place in fit.curves
        ]
        for method in methods
    }
    parts = {method: own for method, own in parts.items() if own}
    return [_precision_recall(parts), _roc(parts), _reliability(parts)]


def _precision_recall(parts: dict[str, list[ClassCurves]]) -> Figure:
    lines = [
        Line(method, GRID, np.mean([one.precision for one in own], axis=0).tolist())
        for method, own in parts.items()
    ]
    return line_chart(
        lines,
        title="Precision and recall",
        across="recall",
        up="precision",
        alt=f"Precision-recall curves. Precision at a recall of {GRID[_AT]:.0%}: {_told(lines)}.",
        caption="Higher is better. No interpolation between thresholds.",
    )


def _roc(parts: dict[str, list[ClassCurves]]) -> Figure:
    lines = [
        Line(method, GRID, np.mean([one.true_positive_rate for one in own], axis=0).tolist())
        for method, own in parts.items()
    ]
    at = 10
    return line_chart(
        lines,
        title="ROC",
        across="false-positive rate",
        up="recall",
        alt=f"ROC curves. Recall at a false-positive rate of {GRID[at]:.0%}: {_told(lines, at)}.",
        caption="Higher is better. Of a common class, a small false-positive rate is many rows.",
        diagonal="guessing",
    )


def _reliability(parts: dict[str, list[ClassCurves]]) -> Figure:
    lines = [_reliability_line(method, own) for method, own in parts.items()]
    told = "; ".join(
        f"{line.name} " + ", ".join(f"{x:.2f} → {y:.2f}" for x, y in zip(line.x, line.y, strict=True))
        for line in lines
    )
    return line_chart(
        lines,
        title="Reliability",
        across="predicted probability",
        up="share that is of the class",
        alt=f"Reliability curves, predicted probability and true share in each bin: {told}.",
        caption="On the line, what is predicted with 30 % comes true in 30 %. Bins of fewer than "
        f"{_FEWEST} rows are left out.",
        diagonal="as predicted",
        dots=True,
    )


def _reliability_line(method: str, own: Sequence[ClassCurves]) -> Line:
    count, probability, positive = (
        np.sum([getattr(one, name) for one in own], axis=0) for name in ("count", "probability", "positive")
    )
    kept = count >= _FEWEST
    return Line(method, (probability[kept] / count[kept]).tolist(), (positive[kept] / count[kept]).tolist())


def _told(lines: Sequence[Line], at: int = _AT) -> str:
    return "; ".join(f"{line.name} {line.y[at]:.2f}" for line in lines)
