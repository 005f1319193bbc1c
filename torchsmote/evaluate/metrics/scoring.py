"""All metrics of one set of predictions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .decisions import FROM_DECISIONS, confusion
from .metric import metric_of
from .probabilities import from_probabilities

__all__ = ["score"]


def score(
    y: NDArray[np.int64],
    decided: Mapping[str, NDArray[np.int64]],
    probabilities: NDArray[Any],
    metrics: Sequence[str],
    rarer: int | None,
) -> dict[str, float]:
    """The value of each metric on test rows.

    Args:
        y: True class positions, int64, shape (n,); every class has a row.
        decided: Metric -> predicted class positions, shape (n,); those under "" for metrics that have none of
            their own.
        probabilities: Shape (n, n_classes), rows sum to 1.
        metrics: Names, see ``check_metrics``.
        rarer: Position of the positive class of a binary task; None: means over classes.

    Raises:
        ValueError: If a class has no row, shapes do not fit, or a metric that reads decisions has none.

    >>> p = np.array([[0.9, 0.1], [0.6, 0.4], [0.3, 0.7]])
    >>> score(np.array([0, 1, 1]), {"": p.argmax(1)}, p, ["recall", "pr_auc"], rarer=1)
    {'recall': 0.5, 'pr_auc': 1.0}
    """
    _check(y, decided, probabilities)
    n_classes = probabilities.shape[1]
    matrices = {own: np.array(confusion(y, codes, n_classes)) for own, codes in decided.items()}
    values = {}
    for name in metrics:
        if metric_of(name).reads == "probabilities":
            values[name] = from_probabilities(name, y, probabilities, rarer)
            continue
        own = name if name in matrices else ""
        if own not in matrices:
            raise ValueError(f"`decided` has no decisions for {name!r} and none for all metrics, under ''")
        values[name] = float(FROM_DECISIONS[name](matrices[own], rarer))
    return values


def _check(
    y: NDArray[np.int64], decided: Mapping[str, NDArray[np.int64]], probabilities: NDArray[Any]
) -> None:
    if probabilities.ndim != 2 or len(probabilities) != len(y):
        raise ValueError(
            f"`probabilities` must have shape (n, n_classes) for the {len(y)} rows of `y`, got "
            f"{probabilities.shape}"
        )
    for name, codes in decided.items():
        if codes.shape != y.shape:
            raise ValueError(
                f"`decided` must have one class for each of {len(y)} rows, but {name!r} has {codes.shape}"
            )
    counts = np.bincount(y, minlength=probabilities.shape[1])
    if len(counts) > probabilities.shape[1]:
        raise ValueError(f"`y` has class {len(counts) - 1}, but `probabilities` has no column for it")
    if not counts.all():
        raise ValueError(
            f"`y` has no row of class {counts.argmin()}, and its recall has no value; make sure that every "
            "fold has rows of each class"
        )
