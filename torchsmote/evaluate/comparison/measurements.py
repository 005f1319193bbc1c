"""Measurements: the fits of all methods on all folds, and what follows from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..picture import Picture
from .fits import Fit

__all__ = ["BASELINE", "STANDING", "Measurements"]

BASELINE = "nothing, tuned threshold"
STANDING: tuple[str, ...] = (
    "nothing",
    BASELINE,
    "class weights",
    "random over-sampling",
    "random under-sampling",
)


@dataclass(frozen=True)
class Measurements:
    """What ``compare`` measured.

    Attributes:
        methods: Names, in the order of the line-up: the standing ones first.
        metrics: Names; the first is the one the verdict goes by.
        classes: Labels as text, sorted as the labels are.
        counts: Rows of each class.
        rarer: Position of the rarer class of a binary task; None in tasks of more classes.
        fits: One for each method, repeat and fold.
        test_per_train: Test rows per training row, for intervals.
        left_out: Method -> why it is not in the line-up.
        warnings: What the methods warned of, each text once, with how often.
        settings: What repeats it: arguments, shape, versions, and the code.
        pictures: Real and synthetic rows of the first training part, for each method that made rows.
    """

    methods: Sequence[str]
    metrics: Sequence[str]
    classes: Sequence[str]
    counts: Sequence[int]
    rarer: int | None
    fits: Sequence[Fit]
    test_per_train: float
    left_out: Mapping[str, str]
    warnings: Mapping[str, int]
    settings: Mapping[str, Any]
    pictures: Mapping[str, Picture]
