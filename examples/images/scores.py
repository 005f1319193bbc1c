"""What a trained network is worth on balanced images that it never saw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import f1_score
from torch import Tensor

__all__ = ["MEASURES", "Scores", "calibration_error", "score", "shots"]

MEASURES = ("accuracy", "many", "medium", "few", "macro_f1", "ece")


@dataclass(frozen=True)
class Scores:
    """Shares in [0, 1]; higher is better, except for the calibration error.

    Attributes:
        accuracy: Over all images: as many of each class, so it is the balanced accuracy too.
        many: Over the images of classes with more than 100 training images; None: there is no such class.
        medium: With 20 to 100.
        few: With fewer than 20.
        macro_f1: F1 of each class, averaged.
        ece: Expected calibration error.
    """

    accuracy: float
    many: float | None
    medium: float | None
    few: float | None
    macro_f1: float
    ece: float


def shots(counts: NDArray[np.int64]) -> NDArray[np.str_]:
    """The group of each class by its training images: "many" (over 100), "medium" (20 to 100), "few".

    Reference:
        Liu, Miao, Zhan, Wang, Gong and Yu, "Large-scale long-tailed recognition in an open world", CVPR 2019.
    """
    return np.where(counts > 100, "many", np.where(counts >= 20, "medium", "few"))


def calibration_error(p: NDArray[np.float64], y: NDArray[np.int64], bins: int = 15) -> float:
    """Mean over bins of |accuracy - mean confidence|, each bin weighted by its rows.

    Confidence is the largest probability; the bins (low, high] share [0, 1] evenly.

    Args:
        p: Probabilities, shape (n, num_classes).
        y: True classes, shape (n,).
        bins: How many.

    Reference:
        Guo, Pleiss, Sun and Weinberger, "On calibration of modern neural networks", ICML 2017.
    """
    confidence, right = p.max(1), p.argmax(1) == y
    place = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    # A bin's rows times |accuracy - mean confidence| is the absolute sum of their differences.
    return float(np.abs(np.bincount(place, right - confidence, bins)).sum() / len(y))


def score(logits: Tensor, y: Tensor, counts: Tensor) -> Scores:
    """All scores.

    Args:
        logits: Shape (n, num_classes).
        y: True classes, shape (n,), as many rows of each.
        counts: Training images of each class, shape (num_classes,).
    """
    true, p = y.numpy(), torch.softmax(logits.double(), 1).numpy()
    predicted = p.argmax(1)
    right, group = predicted == true, shots(counts.numpy())[true]
    return Scores(
        accuracy=float(right.mean()),
        **{name: _mean(right[group == name]) for name in ("many", "medium", "few")},
        macro_f1=float(f1_score(true, predicted, average="macro")),
        ece=calibration_error(p, true),
    )


def _mean(right: NDArray[np.bool_]) -> float | None:
    return float(right.mean()) if len(right) else None
