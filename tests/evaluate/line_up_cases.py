"""What the tests of line-ups share: small folds, quick networks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from torchsmote import make_imbalanced
from torchsmote.evaluate import TorchModel
from torchsmote.evaluate.comparison.contender import Contender, Split
from torchsmote.evaluate.comparison.line_up import LineUp, line_up
from torchsmote.evaluate.features import Features, read_features

METRICS = ("pr_auc", "f1", "mcc")
QUICK = TorchModel(hidden=(8,), steps=20, batch_size=32)


def table(n: int = 150, weights: tuple[float, ...] = (0.8, 0.2)) -> tuple[Features, np.ndarray]:
    made = make_imbalanced(n, 4, weights=list(weights), seed=0)
    return read_features(made.data), made.target


def people(n: int = 150) -> tuple[Features, np.ndarray]:
    """Two columns of numbers, a category between them and one after them."""
    rng = np.random.default_rng(0)
    y = (rng.random(n) < 0.25).astype(np.int64)
    frame = pd.DataFrame(
        {
            "age": rng.normal(40 + 9 * y, 10),
            "city": pd.Categorical(np.array(list("ABC"))[rng.integers(0, 3, n)]),
            "income": rng.normal(3000, 500, n),
            "smoker": np.where(rng.random(n) < 0.3 + 0.4 * y, "yes", "no"),
        }
    )
    return read_features(frame), y


def fold(features: Features, y: np.ndarray, *, groups: Any = None, seed: int = 3) -> Split:
    """The last third is the test part."""
    cut = 2 * len(y) // 3
    rows = np.arange(len(y))
    n_classes = int(y.max()) + 1
    return Split(
        train=features.take(rows[:cut]),
        y=y[:cut],
        groups=None if groups is None else groups[:cut],
        test=features.take(rows[cut:]),
        n_classes=n_classes,
        rarer=1 if n_classes == 2 else None,
        seed=seed,
    )


def lined_up(
    features: Features,
    y: np.ndarray,
    methods: Any = (),
    model: Any = QUICK,
    grid: Any = None,
    classes: Any = None,
) -> LineUp:
    counts = np.bincount(y).tolist()
    return line_up(methods, model, grid, features, counts, classes=classes)


def by_name(found: LineUp) -> dict[str, Contender]:
    return {contender.name: contender for contender in found.contenders}
