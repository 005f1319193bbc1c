"""What one trained network is worth on rows it never saw."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import (
    average_precision_score,
    balanced_accuracy_score,
    brier_score_loss,
    f1_score,
    precision_recall_curve,
    roc_auc_score,
    roc_curve,
)

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
    precision, recall, at = precision_recall_curve(validation.y, validation.p)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    false_positives, true_positives, at_roc = roc_curve(validation.y, validation.p)
    balanced = true_positives - false_positives
    return float(at[f1[:-1].argmax()]), float(at_roc[balanced.argmax()])


def score(test: Labelled, validation: Labelled) -> Scores:
    """All metrics on test rows, with thresholds from validation rows."""
    for_f1, for_balance = best_thresholds(validation)
    false_positives, true_positives, _ = roc_curve(test.y, test.p, drop_intermediate=False)
    return Scores(
        pr_auc=float(average_precision_score(test.y, test.p)),
        roc_auc=float(roc_auc_score(test.y, test.p)),
        f1=float(f1_score(test.y, test.p >= for_f1)),
        balanced_accuracy=float(balanced_accuracy_score(test.y, test.p >= for_balance)),
        recall_at_1pct_fpr=float(true_positives[false_positives <= 0.01].max()),
        brier=float(brier_score_loss(test.y, test.p)),
    )
