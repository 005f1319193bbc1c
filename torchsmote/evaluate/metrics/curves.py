"""Precision-recall, ROC and reliability curves of one class against the rest, in a few hundred numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import precision_recall_curve, roc_curve

__all__ = ["BINS", "GRID", "Bins", "ClassCurves", "class_curves", "in_bins", "precision_at", "recall_at"]

GRID: tuple[float, ...] = tuple(step / 100 for step in range(101))  # recall, or false-positive rate
BINS = 10  # of equal width, of the predicted probability


@dataclass(frozen=True)
class ClassCurves:
    """Curves of one class against the rest, on the test rows of one training.

    Attributes:
        precision: At each recall of ``GRID``: of the first threshold that reaches it, as average precision
            counts it.
        true_positive_rate: At each false-positive rate of ``GRID``: the largest recall with at most that.
        count: Test rows in each of ``BINS`` bins of the predicted probability.
        probability: Sum of the predicted probabilities in each bin.
        positive: Rows of the class in each bin.
    """

    precision: list[float]
    true_positive_rate: list[float]
    count: list[int]
    probability: list[float]
    positive: list[int]


def class_curves(is_class: NDArray[np.bool_], p: NDArray[Any]) -> ClassCurves:
    """The curves of one class.

    Args:
        is_class: Whether each row is of the class, shape (n,); some must be, and some not.
        p: Its predicted probability, shape (n,).

    >>> curves = class_curves(np.array([False, True, True]), np.array([0.1, 0.8, 0.9]))
    >>> curves.precision[100], curves.true_positive_rate[0], curves.count
    (1.0, 1.0, [1, 0, 0, 0, 0, 0, 0, 1, 1, 0])
    """
    bins = in_bins(is_class, p, BINS)
    return ClassCurves(
        precision_at(is_class, p, GRID).tolist(),
        recall_at(is_class, p, GRID).tolist(),
        bins.count.tolist(),
        bins.probability.tolist(),
        bins.hits.tolist(),
    )


def precision_at(
    is_class: NDArray[Any], p: NDArray[Any], recalls: Sequence[float] | NDArray[Any]
) -> NDArray[np.float64]:
    """Precision of the first threshold, from the highest down, that reaches each recall: no interpolation.

    Args:
        is_class: Whether each row is of the class, shape (n,).
        p: Its score, shape (n,).
        recalls: From 0 (where the precision is 1) to 1.
    """
    precision, recall, _ = precision_recall_curve(is_class, p)
    values: NDArray[np.float64] = precision[::-1][np.searchsorted(recall[::-1], recalls)]
    return values


def recall_at(
    is_class: NDArray[Any], p: NDArray[Any], rates: Sequence[float] | NDArray[Any]
) -> NDArray[np.float64]:
    """The largest recall with at most each false-positive rate.

    Args:
        is_class: Whether each row is of the class, shape (n,).
        p: Its score, shape (n,).
        rates: False positives per negative, from 0 to 1.
    """
    false_positives, true_positives, _ = roc_curve(is_class, p, drop_intermediate=False)
    last = np.searchsorted(false_positives, rates, side="right") - 1
    values: NDArray[np.float64] = true_positives[last]
    return values


@dataclass(frozen=True, eq=False)
class Bins:
    """Rows by their probability.

    Attributes:
        count: Rows of each bin, int64.
        probability: Sum of their probabilities, float64.
        hits: How many of them are hits, int64.
    """

    count: NDArray[np.int64]
    probability: NDArray[np.float64]
    hits: NDArray[np.int64]

    @property
    def gap(self) -> float:
        """Expected calibration error: the mean over rows of how far their bin's share of hits is off."""
        return float(np.abs(self.hits - self.probability).sum() / self.count.sum())


def in_bins(hit: NDArray[np.bool_], p: NDArray[Any], n_bins: int) -> Bins:
    """Sort rows into bins of equal width: (0, 1/n], (1/n, 2/n] and so on, 0 in the first.

    Args:
        hit: What the probability is of, shape (n,).
        p: Between 0 and 1, shape (n,).
        n_bins: How many.
    """
    place = np.searchsorted(np.linspace(0, 1, n_bins + 1)[1:-1], p)
    probability: NDArray[Any] = np.bincount(place, weights=p, minlength=n_bins)
    return Bins(
        np.bincount(place, minlength=n_bins),
        probability,
        np.bincount(place[hit], minlength=n_bins),
    )
