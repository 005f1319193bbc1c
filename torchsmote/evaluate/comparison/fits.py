"""What is kept of one training in a comparison: plain values that a line of JSON holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..metrics.curves import ClassCurves

__all__ = ["Fit"]


@dataclass(frozen=True)
class Fit:
    """One method trained on the training part of one fold, and judged on its test part.

    Attributes:
        method: Its name in the comparison.
        repeat: Which repetition of the cross-validation, from 0.
        fold: Which fold of it, from 0.
        scores: Metric -> value.
        per_class: "precision", "recall" and "f1" -> one value a class, in the order of the classes.
        confusion: Rows by [true class][predicted class], in the order of the classes.
        curves: Class position -> its curves; of a binary task the rarer class alone.
        threshold: From which probability the rarer class is predicted; None in tasks of more classes.
        n_train: Rows it was trained on, after resampling.
        seconds: From the training rows to the predictions.
    """

    method: str
    repeat: int
    fold: int
    scores: Mapping[str, float]
    per_class: Mapping[str, list[float]]
    confusion: list[list[int]]
    curves: Mapping[int, ClassCurves]
    threshold: float | None
    n_train: int
    seconds: float
