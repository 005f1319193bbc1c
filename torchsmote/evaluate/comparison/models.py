"""What a comparison trains: one interface over networks and classifiers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["Assignment", "Model"]


@dataclass(frozen=True, eq=False)
class Assignment:
    """What a model is trained on, and what it is to predict.

    Attributes:
        rows: Training rows, shape (n, d).
        y: Class positions, int64, shape (n,).
        test: Rows to predict, shape (m, d).
        n_classes: Classes of the task; ``y`` may lack some.
        seed: Of everything drawn.
        balanced: Whether each class weighs the same in all.
    """

    rows: NDArray[Any]
    y: NDArray[np.int64]
    test: NDArray[Any]
    n_classes: int
    seed: int
    balanced: bool = False


class Model(Protocol):
    """A kind of model with its settings; picklable, and never changed by training."""

    @property
    def text(self) -> str:
        """What it is, with all that its results depend on; alike in every process."""
        ...

    @property
    def refuses_weights(self) -> str:
        """Why it cannot weigh classes; "" where it can."""
        ...

    def check(self, n_features: int, n_classes: int) -> None:
        """Raise if it does not fit such a table, before any work."""
        ...

    def probabilities(self, given: Assignment) -> NDArray[np.float64]:
        """Train a fresh copy and predict: shape (m, n_classes), rows sum to 1."""
        ...
