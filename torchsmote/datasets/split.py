"""Split into train, validation and test so that no group is in two of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from ..random import check_seed

__all__ = ["Split", "split_by_group"]


class Split(NamedTuple):
    """Row numbers of each part, ascending, int64.

    Attributes:
        train: What a model and its scaler are fitted on.
        validation: What settings and thresholds are chosen on.
        test: What figures are reported on.
    """

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray


def split_by_group(
    target: ArrayLike, groups: ArrayLike | None = None, *, seed: int = 0, n_folds: int = 5
) -> Split:
    """Hold out one fold for test, the next for validation, and train on the rest; groups stay whole.

    The rows are cut into ``n_folds`` folds with about the same class shares. Seed s takes shuffle
    ``s // n_folds`` and tests on its fold ``s % n_folds``, so over ``n_folds`` consecutive seeds from a
    multiple of ``n_folds`` every row is tested exactly once, always by a model that never saw its group.

    Args:
        target: Class of each row, shape (n,).
        groups: Group of each row, shape (n,): rows of one group are alike, and a group in both train and
            test would flatter every figure. None: every row is its own group.
        seed: In [0, 2**32).
        n_folds: At least 3.

    Raises:
        ValueError: If ``n_folds`` is below 3, lengths differ, or a class or the groups are fewer than
            ``n_folds``.

    >>> split = split_by_group([0, 1] * 30, groups=[i // 4 for i in range(60)])
    >>> [len(part) for part in split]
    [36, 12, 12]
    """
    target = np.asarray(target)
    if n_folds < 3:
        raise ValueError(f"`n_folds` must be at least 3 (train, validation, test), got {n_folds}")
    labels, counts = np.unique(target, return_counts=True)
    if counts.min() < n_folds:
        rare = labels[counts.argmin()]
        raise ValueError(
            f"`target` has {counts.min()} rows of class {rare!r}, but {n_folds} folds need one each; "
            "lower `n_folds` or collect more"
        )
    shuffle, fold = divmod(check_seed(seed), n_folds)
    folds = _folds(target, None if groups is None else np.asarray(groups), shuffle, n_folds)
    test, validation = folds[fold], folds[(fold + 1) % n_folds]
    rest = [folds[(fold + step) % n_folds] for step in range(2, n_folds)]
    return Split(np.sort(np.concatenate(rest)), validation, test)


def _folds(target: np.ndarray, groups: np.ndarray | None, shuffle: int, n_folds: int) -> list[np.ndarray]:
    if groups is None:
        plain = StratifiedKFold(n_folds, shuffle=True, random_state=shuffle)
        return [held_out for _, held_out in plain.split(target, target)]
    if groups.shape != target.shape:
        raise ValueError(f"`groups` must have shape {target.shape} like `target`, got {groups.shape}")
    distinct = len(np.unique(groups))
    if distinct < n_folds:
        raise ValueError(f"`groups` has {distinct} groups, but {n_folds} folds need one each")
    grouped = StratifiedGroupKFold(n_folds, shuffle=True, random_state=shuffle)
    return [held_out for _, held_out in grouped.split(target, target, groups)]
