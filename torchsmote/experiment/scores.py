"""What one trained network is worth on rows it never saw."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from ..evaluate import metrics
from ..evaluate.calibration import threshold_for

__all__ = ["METRICS", "Labelled", "Scores", "best_thresholds", "score"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Labelled:
    """True classes and predicted probabilities of the same rows.

    Attributes:
        y: 0 or 1, shape (n,).
        p: Probability of class 1, shape (n,).
    """

    y: NDArray[np.int64]
    p: Floats


@dataclass(frozen=True)
class Scores:
    """The demo's metrics; higher is better, except for the Brier score.

    Attributes:
        pr_auc: Average precision.
        roc_auc: Area under the ROC curve.
        f1: At the threshold that is best for it on validation.
        balanced_accuracy: At the threshold that is best for it on validation.
        recall_at_1pct_fpr: Largest recall with at most 1 % false positives.
        brier: Mean squared error of the probability.
    """

    pr_auc: float
    roc_auc: float
    f1: float
    balanced_accuracy: float
    recall_at_1pct_fpr: float
    brier: float


METRICS: tuple[str, ...] = tuple(field.name for field in fields(Scores))


def best_thresholds(validation: Labelled) -> tuple[float, float]:
    """Thresholds t that maximise F1 and balanced accuracy where ``p >= t`` means the rare class.

    >>> best_thresholds(Labelled(np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.6, 0.9])))
    (0.6, 0.6)
    """
    return (
        threshold_for("f1", validation.y, validation.p),
        threshold_for("balanced_accuracy", validation.y, validation.p),
    )


def score(test: Labelled, validation: Labelled) -> Scores:
    """All metrics on test rows, with thresholds from validation rows."""
    for_f1, for_balance = best_thresholds(validation)
    decided = {"f1": test.p >= for_f1, "balanced_accuracy": test.p >= for_balance}
    names = ("pr_auc", "roc_auc", "f1", "balanced_accuracy", "recall_at_fpr=0.01", "brier")
    codes = {name: positive.astype(np.int64) for name, positive in decided.items()}
    probabilities = np.stack([1 - test.p, test.p], axis=1)
    values = metrics.score(test.y, codes, probabilities, names, rarer=1)
    return Scores(recall_at_1pct_fpr=values.pop("recall_at_fpr=0.01"), **values)
