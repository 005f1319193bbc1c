"""Precision-recall, ROC and reliability curves of one class against the rest, in a few hundred numbers."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["BINS", "GRID", "ClassCurves"]

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
