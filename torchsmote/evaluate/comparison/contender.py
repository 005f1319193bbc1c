"""One row of a comparison: a way to train, as a function from training rows to predictions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ..features import Features

__all__ = ["Contender", "Predictions", "Split", "Training"]


@dataclass(frozen=True, eq=False)
class Split:
    """One fold.

    Attributes:
        train: Columns of the training part, neither scaled nor encoded.
        y: Class positions of the training rows, int64, shape (n,).
        groups: Group of each training row, or None; inner splits keep them apart, too.
        test: Columns of the test part.
        n_classes: Classes of the task.
        rarer: Position of the rarer class of a binary task; None in tasks of more classes.
        seed: Of everything drawn in this fold: one for all contenders, so that they start alike.
    """

    train: Features
    y: NDArray[np.int64]
    groups: NDArray[Any] | None
    test: Features
    n_classes: int
    rarer: int | None
    seed: int


@dataclass(frozen=True, eq=False)
class Predictions:
    """What a contender says of the test rows.

    Attributes:
        probabilities: float64, shape (n_test, n_classes), rows sum to 1.
        decisions: Metric -> predicted class positions, int64, shape (n_test,), where a threshold was tuned
            for that metric; "" is the decision for all others, without tuning the only one: the rarer of two
            classes from 0.5 on, however they are called; of more the most probable one.
        threshold: The one behind ``decisions[""]``: the rarer class is predicted from this probability on;
            None in tasks of more classes.
        n_train: Rows trained on, after resampling.
        synthetic: For a picture, of the scaled training part: real rows, their class positions, synthetic
            rows, and theirs; None unless asked for.
    """

    probabilities: NDArray[np.float64]
    decisions: Mapping[str, NDArray[np.int64]]
    threshold: float | None
    n_train: int
    synthetic: tuple[NDArray[Any], NDArray[np.int64], NDArray[Any], NDArray[np.int64]] | None = None


class Training(Protocol):
    """Train on a fold and predict its test part; a pure function of the split, picklable."""

    def __call__(self, split: Split, metrics: tuple[str, ...], keep_rows: bool = False) -> Predictions:
        """Run it.

        Args:
            split: The fold.
            metrics: Those that will be read.
            keep_rows: Whether to fill in ``Predictions.synthetic``.
        """
        ...


@dataclass(frozen=True)
class Contender:
    """A row of the comparison.

    Attributes:
        name: As tables show it, such as "nothing, tuned threshold" or "SMOTE(k_neighbors=3)".
        run: What it does.
        text: All that it depends on beside the data and the seed (model, settings, arguments), alike in every
            process: a resumed comparison goes by it.
    """

    name: str
    run: Training
    text: str
