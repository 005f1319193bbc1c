"""Repeated stratified folds, groups kept whole, the same for all methods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from .contender import Split
from .task import Task

__all__ = ["Fold", "make_folds", "share_of_test", "split_at"]


@dataclass(frozen=True, eq=False)
class Fold:
    """One fold of one repetition.

    Attributes:
        repeat: Which repetition, from 0.
        fold: Which fold of it, from 0.
        train: Rows of the training part, ascending, int64.
        test: Rows of the test part, ascending, int64.
        seed: Of everything that is drawn in it, in [0, 2**32).
    """

    repeat: int
    fold: int
    train: NDArray[np.int64]
    test: NDArray[np.int64]
    seed: int


def make_folds(task: Task, *, n_splits: int, n_repeats: int, seed: int) -> list[Fold]:
    """Cut the rows into ``n_splits`` folds with about equal shares of each class, ``n_repeats`` times anew.

    A repetition depends on its number and the seed alone: asking for more keeps those there were.

    Args:
        task: Its groups are never in two folds of a repetition.
        n_splits: Folds of a repetition, at least 2.
        n_repeats: Repetitions, at least 1.
        seed: In [0, 2**64).

    Raises:
        ValueError: If a class has too few rows, or groups, for a row of it to be in every part.
    """
    _check_counts(task, n_splits)
    return [fold for repeat in range(n_repeats) for fold in _repetition(task, n_splits, repeat, seed)]


def split_at(task: Task, fold: Fold) -> Split:
    """What contenders get of a fold."""
    return Split(
        train=task.features.take(fold.train),
        y=task.y[fold.train],
        groups=None if task.groups is None else task.groups[fold.train],
        test=task.features.take(fold.test),
        n_classes=len(task.classes),
        rarer=task.rarer,
        seed=fold.seed,
    )


def share_of_test(folds: Sequence[Fold]) -> float:
    """Test rows per training row, over all folds."""
    return sum(len(fold.test) for fold in folds) / sum(len(fold.train) for fold in folds)


def _check_counts(task: Task, n_splits: int) -> None:
    for name, count in zip(task.classes, task.counts, strict=True):
        if count < n_splits:
            raise ValueError(
                f"`y` has {count:,} row(s) of class {name!r}, but `n_splits`={n_splits} folds need one each; "
                f"{_fewer(count)}"
            )
    for position, name in enumerate(task.classes if task.groups is not None else ()):
        count = _groups_of(task, position)
        if count < n_splits:
            raise ValueError(
                f"`groups`: class {name!r} is in {count:,} group(s) only, so one of `n_splits`={n_splits} "
                f"folds would have no row of it to test; {_fewer(count)}"
            )


def _fewer(most: int) -> str:
    collect = "collect more rows of that class, or leave the class out"
    return f"lower `n_splits` to {most}, or {collect}" if most > 1 else collect


def _groups_of(task: Task, position: int) -> int:
    assert task.groups is not None
    return len(np.unique(task.groups[task.y == position]))


def _repetition(task: Task, n_splits: int, repeat: int, seed: int) -> list[Fold]:
    kind = StratifiedKFold if task.groups is None else StratifiedGroupKFold
    splitter = kind(n_splits, shuffle=True, random_state=_seed(seed, repeat, 0))
    folds = [
        Fold(repeat, number, train, test, _seed(seed, repeat, 1 + number))
        for number, (train, test) in enumerate(splitter.split(task.y, task.y, task.groups))
    ]
    for fold in folds if task.groups is not None else ():
        _check_parts(task, fold, n_splits)
    return folds


def _seed(seed: int, repeat: int, place: int) -> int:
    """Independent streams, where seed + repeat would make repeat 1 of seed 0 repeat 0 of seed 1."""
    return int(np.random.SeedSequence(seed, spawn_key=(repeat, place)).generate_state(1)[0])


def _check_parts(task: Task, fold: Fold, n_splits: int) -> None:
    """Groups of unequal sizes can leave a part without a class even where the class is in enough of them."""
    for part, rows in (("training", fold.train), ("test", fold.test)):
        counts = np.bincount(task.y[rows], minlength=len(task.classes))
        if not counts.all():
            lacking = int(counts.argmin())
            raise ValueError(
                f"`groups` cannot be cut into `n_splits`={n_splits} folds: in repeat {fold.repeat}, fold "
                f"{fold.fold} the {part} part has no row of class {task.classes[lacking]!r}, which is in "
                f"{_groups_of(task, lacking):,} groups; lower `n_splits`, or form smaller groups"
            )
