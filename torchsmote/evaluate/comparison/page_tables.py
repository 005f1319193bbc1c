"""The scores of all methods, and what each makes of each class."""

from __future__ import annotations

import numpy as np

from ..metrics import metric_of
from ..report.page import Block, Choice, Grid, Matrix, Paragraph, Table
from .measurements import Measurements
from .page_curves import ranked

__all__ = ["confusion_blocks", "score_table"]

_MOST_CLASSES = 20


def score_table(measurements: Measurements) -> Table:
    """One row a method, one column a metric: mean and half of the interval; rows trained on and seconds."""
    header = [
        "method",
        *(metric_of(metric).label for metric in measurements.metrics),
        "rows trained on",
        "seconds",
    ]
    rows = []
    for method in measurements.methods:
        fits = [fit for fit in measurements.fits if fit.method == method]
        found = [measurements.mean(method, metric) for metric in measurements.metrics]
        rows.append(
            [
                method,
                *(f"{one.mean:.3f} ±{(one.high - one.low) / 2:.3f}" for one in found),
                f"{np.mean([fit.n_train for fit in fits]):,.0f}",
                f"{np.mean([fit.seconds for fit in fits]):,.2f}",
            ]
        )
    lower = [
        metric_of(metric).label for metric in measurements.metrics if not metric_of(metric).higher_is_better
    ]
    words = f"; lower is better in {' and '.join(lower)}, higher in all others" if lower else ""
    caption = f"Means over the test parts ± half of the 95 % interval{words}"
    return Table(caption, header, rows, "l" + "r" * (len(header) - 1))


def confusion_blocks(measurements: Measurements) -> list[Block]:
    """For each method, the best first: its confusion matrix, and precision, recall and F1 of each class."""
    repeats = len({fit.repeat for fit in measurements.fits})
    text = "Sums over the folds, so that each row counts once"
    text += f", as a mean over {repeats:,} repetitions." if repeats > 1 else "."
    few = len(measurements.classes) <= _MOST_CLASSES
    if not few:
        text = (
            f"A matrix of more than {_MOST_CLASSES} classes cannot be read; these are means over the folds."
        )
    options = []
    for method in ranked(measurements):
        matrix = [_matrix(measurements, method, repeats)] if few else []
        options.append((method, [Grid([*matrix, _per_class(measurements, method)], equal=False)]))
    return [
        Paragraph(f"{text} Methods in the order of their {metric_of(measurements.metrics[0]).label}."),
        Choice("Method shown", options),
    ]


def _matrix(measurements: Measurements, method: str, repeats: int) -> Matrix:
    total = np.sum([fit.confusion for fit in measurements.fits if fit.method == method], axis=0) / repeats
    shares = total / np.maximum(total.sum(axis=1, keepdims=True), 1)
    return Matrix(
        f"Rows by true and predicted class: {method}",
        "true class",
        "predicted class",
        measurements.classes,
        [[f"{count:,.0f}" if count == round(count) else f"{count:,.1f}" for count in row] for row in total],
        shares.tolist(),
    )


def _per_class(measurements: Measurements, method: str) -> Table:
    fits = [fit.per_class for fit in measurements.fits if fit.method == method]
    names = list(fits[0])
    means = {name: np.mean([one[name] for one in fits], axis=0) for name in names}
    rows = [
        [label, f"{count:,}", *(f"{means[name][place]:.3f}" for name in names)]
        for place, (label, count) in enumerate(zip(measurements.classes, measurements.counts, strict=True))
    ]
    labels = [metric_of(name).label for name in names]
    return Table(f"Each class: {method}", ["class", "rows", *labels], rows, "lr" + "r" * len(names))
