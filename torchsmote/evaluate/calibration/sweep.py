"""What a binary decision does at every threshold that makes a difference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_curve

__all__ = ["Sweep", "sweep"]


@dataclass(frozen=True, eq=False)
class Sweep:
    """Decisions "positive where ``p >= t``" for each threshold t.

    Attributes:
        thresholds: The distinct values of p, from the highest down, after inf, where no row is positive;
            shape (t,).
        matrices: Counts by [threshold][true][predicted], where 1 is positive; int64, shape (t, 2, 2).
    """

    thresholds: NDArray[Any]
    matrices: NDArray[np.int64]

    def best(self, values: NDArray[Any], allowed: NDArray[np.bool_] | None = None) -> float:
        """The threshold of the largest value; of several the largest threshold, with the fewest positives.

        Args:
            values: One for each threshold, shape (t,).
            allowed: Thresholds to choose from, shape (t,), some of them true; None: all.
        """
        if allowed is not None:
            values = np.where(allowed, values, -np.inf)
        return float(self.thresholds[np.argmax(values)])


def sweep(is_positive: NDArray[np.bool_], p: NDArray[Any]) -> Sweep:
    """All thresholds in one pass over the sorted scores.

    Args:
        is_positive: Shape (n,); some are, and some are not.
        p: Probability or any other score, shape (n,).

    >>> cuts = sweep(np.array([False, True, True]), np.array([0.2, 0.2, 0.7]))
    >>> cuts.thresholds, cuts.matrices[1].tolist()
    (array([inf, 0.7, 0.2]), [[1, 0], [1, 1]])
    """
    false_rate, true_rate, thresholds = roc_curve(is_positive, p, drop_intermediate=False)
    positives = int(is_positive.sum())
    negatives = len(is_positive) - positives
    true = np.rint(true_rate * positives).astype(np.int64)
    false = np.rint(false_rate * negatives).astype(np.int64)
    matrices = np.stack([negatives - false, false, positives - true, true], 1).reshape(-1, 2, 2)
    return Sweep(thresholds, matrices)
