"""Metrics of decisions, as functions of confusion matrices: of one, or of those of a sweep of thresholds.

scikit-learn has most of them, but of one vector of decisions each; a tuned threshold needs them of every cut.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["FROM_DECISIONS", "confusion", "per_class"]

# From matrices, shape (..., n_classes, n_classes) by [true class][predicted class], and the position of the
# positive class, or None for the mean over classes; to values of shape (...,). What would be 0 / 0 is 0.
FromDecisions = Callable[[NDArray[Any], "int | None"], NDArray[np.float64]]


def confusion(y: NDArray[np.int64], predicted: NDArray[np.int64], n_classes: int) -> list[list[int]]:
    """Counts of rows by [true class][predicted class].

    Args:
        y: True class positions, shape (n,).
        predicted: Predicted ones, shape (n,).
        n_classes: How many there are.

    >>> confusion(np.array([0, 0, 1]), np.array([0, 1, 1]), 2)
    [[1, 1], [0, 1]]
    """
    # Some thirty times as fast as scikit-learn's, which checks labels of any kind; tuning makes many.
    counts = np.bincount(y * n_classes + predicted, minlength=n_classes**2)
    table: list[list[int]] = counts.reshape(n_classes, n_classes).tolist()
    return table


def per_class(y: NDArray[np.int64], predicted: NDArray[np.int64], n_classes: int) -> dict[str, list[float]]:
    """Precision, recall and F1 of each class against the rest; 0 where one would be 0 / 0.

    Args:
        y: True class positions, shape (n,).
        predicted: Predicted ones, shape (n,).
        n_classes: How many there are.

    >>> per_class(np.array([0, 0, 1]), np.array([0, 1, 1]), 2)["recall"]
    [0.5, 1.0]
    """
    matrix = np.array(confusion(y, predicted, n_classes))
    return {
        "precision": _precisions(matrix).tolist(),
        "recall": _recalls(matrix).tolist(),
        "f1": _f1s(matrix).tolist(),
    }


def _hits(matrices: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(np.diagonal(matrices, axis1=-2, axis2=-1))


def _precisions(matrices: NDArray[Any]) -> NDArray[np.float64]:
    return _ratio(_hits(matrices), matrices.sum(-2))


def _recalls(matrices: NDArray[Any]) -> NDArray[np.float64]:
    return _ratio(_hits(matrices), matrices.sum(-1))


def _f1s(matrices: NDArray[Any]) -> NDArray[np.float64]:
    return _ratio(2 * _hits(matrices), matrices.sum(-2) + matrices.sum(-1))


def _ratio(above: NDArray[Any], below: NDArray[Any]) -> NDArray[np.float64]:
    out: NDArray[np.float64] = np.zeros(np.shape(above))
    np.divide(above, below, out=out, where=below != 0)
    return out


def _of_positive(each: Callable[[NDArray[Any]], NDArray[np.float64]]) -> FromDecisions:
    """The value of the positive class, or without one the mean over classes."""

    def of(matrices: NDArray[Any], rarer: int | None) -> NDArray[np.float64]:
        values = each(matrices)
        return np.asarray(values.mean(-1) if rarer is None else values[..., rarer])

    return of


def _g_mean(matrices: NDArray[Any], rarer: int | None) -> NDArray[np.float64]:
    return np.asarray(_recalls(matrices).prod(-1) ** (1 / matrices.shape[-1]))


def _balanced_accuracy(matrices: NDArray[Any], rarer: int | None) -> NDArray[np.float64]:
    return np.asarray(_recalls(matrices).mean(-1))


def _mcc(matrices: NDArray[Any], rarer: int | None) -> NDArray[np.float64]:
    """Correlation of one-hot truth and one-hot prediction (Gorodkin 2004); of two classes Matthews's."""
    counts = matrices.astype(np.float64)  # products of counts leave int64 behind
    true, predicted, n = counts.sum(-1), counts.sum(-2), counts.sum((-2, -1))
    shared = _hits(counts).sum(-1) * n - (true * predicted).sum(-1)
    spread = (n**2 - np.square(true).sum(-1)) * (n**2 - np.square(predicted).sum(-1))
    return _ratio(shared, np.sqrt(spread))


FROM_DECISIONS: dict[str, FromDecisions] = {
    "precision": _of_positive(_precisions),
    "recall": _of_positive(_recalls),
    "f1": _of_positive(_f1s),
    "g_mean": _g_mean,
    "balanced_accuracy": _balanced_accuracy,
    "mcc": _mcc,
}
