"""Folds inside a training part: what a threshold is tuned on never sees the test part."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from .contender import Split

__all__ = ["inner_splits"]


def inner_splits(split: Split, n_folds: int) -> list[tuple[Split, NDArray[np.int64]]]:
    """Cut the training part into folds with about equal shares of each class; groups stay whole.

    Args:
        split: The fold outside.
        n_folds: How many; at most as many as the smallest class has rows, or groups.

    Returns:
        Each inner fold, and the rows of the training part that it holds out. Folds whose remaining rows lack
        a class are left out, as they would train another task; none where not every class is held out.
    """
    count = min(n_folds, *_independent_rows(split))
    if count < 2:
        return []
    kind = StratifiedKFold if split.groups is None else StratifiedGroupKFold
    folds = kind(count, shuffle=True, random_state=split.seed % 2**32)
    found: list[tuple[Split, NDArray[np.int64]]] = []
    for rest, held in folds.split(split.y, split.y, split.groups):
        if len(np.unique(split.y[rest])) == len(np.unique(split.y)):
            groups = None if split.groups is None else split.groups[rest]
            inner = Split(
                train=split.train.take(rest),
                y=split.y[rest],
                groups=groups,
                test=split.train.take(held),
                n_classes=split.n_classes,
                rarer=split.rarer,
                seed=split.seed,
            )
            found.append((inner, held))
    tested = {place for _, rows in found for place in np.unique(split.y[rows]).tolist()}
    return found if len(tested) == split.n_classes else []


def _independent_rows(split: Split) -> list[int]:
    """Rows of each class, or groups that hold rows of it."""
    of_class = [np.flatnonzero(split.y == place) for place in np.unique(split.y)]
    if split.groups is None:
        return [len(rows) for rows in of_class]
    return [len(np.unique(split.groups[rows])) for rows in of_class]
