"""Metrics of probabilities: how well they rank rows, and how true they are."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from .curves import BINS, in_bins, recall_at
from .metric import rate_of

__all__ = ["from_probabilities"]

OfClass = Callable[[NDArray[np.bool_], NDArray[Any]], float]


def from_probabilities(
    name: str, y: NDArray[np.int64], probabilities: NDArray[Any], rarer: int | None
) -> float:
    """The value of a metric that reads probabilities.

    Args:
        name: Such as "pr_auc" or "recall_at_fpr=0.05".
        y: True class positions, shape (n,).
        probabilities: Shape (n, n_classes).
        rarer: The positive class, or None: the mean over classes, each against the rest.

    >>> p = np.array([[0.9, 0.1], [0.3, 0.7]])
    >>> round(from_probabilities("brier", np.array([0, 1]), p, 1), 3)
    0.05
    """
    if name == "ece":
        return _ece(y, probabilities, rarer)
    of_class: OfClass = _OF_CLASS.get(name) or partial(_recall_at, rate=rate_of(name))
    if rarer is not None:
        return float(of_class(y == rarer, probabilities[:, rarer]))
    classes = range(probabilities.shape[1])
    values = [of_class(y == place, probabilities[:, place]) for place in classes]
    # Halved, the sum over classes is the Brier score of a binary task where there are two.
    return float(np.sum(values) / 2 if name == "brier" else np.mean(values))


def _recall_at(is_class: NDArray[np.bool_], p: NDArray[Any], rate: float) -> float:
    return float(recall_at(is_class, p, [rate])[0])


def _ece(y: NDArray[np.int64], probabilities: NDArray[Any], rarer: int | None) -> float:
    """Of the positive class's probability, or of that of the predicted class (Guo 2017)."""
    if rarer is None:
        return in_bins(probabilities.argmax(1) == y, probabilities.max(1), BINS).gap
    return in_bins(y == rarer, probabilities[:, rarer], BINS).gap


_OF_CLASS: dict[str, OfClass] = {
    "roc_auc": roc_auc_score,
    "pr_auc": average_precision_score,
    "brier": brier_score_loss,
}
