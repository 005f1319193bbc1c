"""Decisions tuned on predictions: a threshold for two classes, a shift by frequency for more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..metrics.decisions import FROM_DECISIONS, confusion
from .aims import TUNABLE, best_for
from .sweep import sweep

__all__ = ["Decision", "tune_decision"]

_TAUS = np.linspace(0, 2, 41)  # 0: the most probable class; 1: as for classes of equal frequency


@dataclass(frozen=True, eq=False)
class Decision:
    """How probabilities become classes.

    Attributes:
        threshold: The class ``rarer`` is predicted from this probability on; None with more than two classes.
        rarer: Position of the positive class; None with more than two classes.
        weights: What each class's probability is multiplied with before the largest is taken, shape
            (n_classes,); None with two classes.
    """

    threshold: float | None
    rarer: int | None = None
    weights: NDArray[np.float64] | None = None

    def decide(self, probabilities: NDArray[Any]) -> NDArray[np.int64]:
        """Predicted class positions, int64, shape (n,), of probabilities (n, n_classes)."""
        if self.threshold is None or self.rarer is None:
            weighted = probabilities if self.weights is None else probabilities * self.weights
            return np.asarray(weighted.argmax(1), dtype=np.int64)
        positive = probabilities[:, self.rarer] >= self.threshold
        return np.where(positive, self.rarer, 1 - self.rarer).astype(np.int64)


def tune_decision(
    metric: str, y: NDArray[np.int64], probabilities: NDArray[Any], rarer: int | None
) -> Decision:
    """The decision that is best for a metric on predictions of rows that were not trained on.

    Two classes: the threshold of ``threshold_for``. More: the largest ``p_c * prior_c ** -tau``, where the
    prior is the share of class c in ``y`` and tau is the best of 0, 0.05, ..., 2; of equally good ones the
    smallest.

    Args:
        metric: Of ``TUNABLE``: f1, g_mean, balanced_accuracy or mcc.
        y: True class positions, int64, shape (n,); every class has a row.
        probabilities: Shape (n, n_classes).
        rarer: Position of the positive class of a binary task; None for more classes.

    Raises:
        ValueError: If the metric is not tunable or a class has no row.

    Reference:
        Menon, Jayasumana, Rawat, Jain, Veit and Kumar, "Long-tail learning via logit adjustment", ICLR 2021,
        arXiv:2007.07314, section 4.1 (post-hoc, with a tuned tau).

    >>> p = np.array([[0.9, 0.1], [0.8, 0.2], [0.7, 0.3]])
    >>> tune_decision("f1", np.array([0, 0, 1]), p, rarer=1).decide(p)
    array([0, 0, 1])
    """
    if metric not in TUNABLE:
        raise ValueError(f"`metric`={metric!r} cannot be tuned; known are {', '.join(TUNABLE)}")
    counts = np.bincount(y, minlength=probabilities.shape[1])
    if not counts.all():
        raise ValueError(f"`y` has no row of class {counts.argmin()}, so no decision can be tuned for it")
    if rarer is not None:
        cuts = sweep(y == rarer, probabilities[:, rarer])
        return Decision(best_for(metric, cuts), rarer)
    choices = [Decision(None, weights=(counts / len(y)) ** -tau) for tau in _TAUS]
    matrices = [confusion(y, choice.decide(probabilities), len(counts)) for choice in choices]
    return choices[int(np.argmax(FROM_DECISIONS[metric](np.array(matrices), None)))]
