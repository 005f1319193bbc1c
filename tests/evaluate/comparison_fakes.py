"""Contenders that predict by a formula, so that the machinery around them can be tested in a moment."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from torchsmote.evaluate.comparison.contender import Contender, Predictions
from torchsmote.evaluate.comparison.measurements import BASELINE
from torchsmote.exceptions import FewSamplesWarning


@dataclass(frozen=True)
class Formula:
    """Probabilities rise with the first column; ``noise`` hides how far, the same in each run of a fold."""

    noise: float = 1.0
    warns: str = ""
    fails_in: tuple[int, int] | None = None
    error: type[Exception] = ValueError
    counts_in: Path | None = None

    def __call__(self, split, metrics, keep_rows=False):
        if self.counts_in is not None:
            with self.counts_in.open("a") as file:
                file.write("fit\n")
        if self.warns:
            warnings.warn(self.warns, FewSamplesWarning, stacklevel=2)
        if self.fails_in is not None and split.seed == self.fails_in:
            raise self.error("the formula is wrong")
        rng = np.random.default_rng(split.seed)
        x = split.test.numbers[:, 0] + self.noise * rng.standard_normal(len(split.test))
        p = 1 / (1 + np.exp(-x))
        if split.n_classes == 2:
            probabilities = np.column_stack([1 - p, p])
        else:
            logits = -np.abs(x[:, None] - np.arange(split.n_classes))
            probabilities = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
        made = None
        if keep_rows and self.noise < 1:
            rows = split.train.numbers
            made = (rows, split.y, rows[:3] + 0.5, split.y[:3])
        threshold = 0.5 if split.n_classes == 2 else None
        return Predictions(probabilities, {"": probabilities.argmax(1)}, threshold, len(split.y), made)


def contender(name, **how):
    return Contender(name, Formula(**how), f"{name} {sorted(how.items(), key=str)}")


def contenders(**skilled):
    """The baseline, and those given as name=noise."""
    return [contender(BASELINE), *(contender(name, noise=noise) for name, noise in skilled.items())]


def table(n=60, n_classes=2, seed=0, d=2):
    """Rows whose first column tells the class, fewer rows for higher classes."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % (2 * n_classes) // 2
    y = np.where((y == n_classes - 1) & (np.arange(n) % 3 == 0), 0, y)
    X = rng.standard_normal((n, d))
    X[:, 0] += 2 * (y - (n_classes - 1) / 2)
    return X, y
