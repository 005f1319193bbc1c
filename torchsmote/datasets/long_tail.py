"""A long tail cut from a balanced data set, and balanced parts held out beside it."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real
from typing import Any

import numpy as np
from sklearn.utils import Bunch

from ..random import check_seed

__all__ = ["long_tailed"]

_DESCR = (
    "{source}, long-tailed.\nRows of digit c: {counts}. Imbalance ratio {ratio:.4g}. Nothing is repeated."
)


def long_tailed(
    data: np.ndarray,
    target: np.ndarray,
    imbalance_ratio: float,
    *,
    seed: int,
    validation: int,
    test: int,
    source: str,
    feature_names: Sequence[str],
) -> Bunch:
    r"""Keep :math:`n_c = n_{max} \cdot IR^{-c/(C-1)}` rows of class c, rounded, drawn without replacement.

    :math:`n_{max}` is the largest size for which the last class keeps a whole number of rows. Before that,
    ``validation`` and ``test`` rows of every class are set aside; no row is in two parts.

    Args:
        data: Rows, shape (n, d).
        target: Class of each, 0 to C - 1, shape (n,).
        imbalance_ratio: Largest class over smallest.
        seed: Which rows are kept, in [0, 2**64).
        validation: Rows of each class set aside for choosing settings.
        test: Rows of each class set aside for the figures.
        source: What the data is, for ``DESCR``.
        feature_names: One for each column.

    Returns:
        Bunch with ``data`` float32, ``target`` int64, ``validation_data`` and ``validation_target``,
        ``test_data`` and ``test_target``, ``groups`` None, ``feature_names`` and ``DESCR``.

    Raises:
        TypeError: If a number of rows is not an int, or the ratio not a number.
        ValueError: If a number of rows is negative, too many are set aside, or the ratio is out of range.

    Reference:
        Cao, Wei, Gaidon, Arechiga and Ma, "Learning imbalanced datasets with label-distribution-aware margin
        loss", NeurIPS 2019.
    """
    _check_number(imbalance_ratio)
    available = np.bincount(target)
    left = _left_for_training(int(available.min()), validation, test)
    if not 1 <= imbalance_ratio <= left:
        set_aside = f" less {validation + test} set aside" if validation + test else ""
        raise ValueError(
            f"`imbalance_ratio` must be in [1, {left}] (the rarest digit has {available.min()} rows"
            f"{set_aside}), got {imbalance_ratio}"
        )
    rng = np.random.default_rng(check_seed(seed))
    largest = imbalance_ratio * (left // imbalance_ratio)
    last = len(available) - 1
    counts = np.rint(largest * imbalance_ratio ** (-np.arange(last + 1) / last)).astype(int)
    orders = [rng.permutation(np.flatnonzero(target == c)) for c in range(last + 1)]
    made = Bunch(groups=None, feature_names=list(feature_names))
    parts = {
        "": [order[:n] for order, n in zip(orders, counts, strict=True)],
        "validation_": [order[len(order) - test - validation : len(order) - test] for order in orders],
        "test_": [order[len(order) - test :] for order in orders],
    }
    for name, rows in parts.items():
        kept = np.sort(np.concatenate(rows))
        made[f"{name}data"] = data[kept].astype(np.float32)
        made[f"{name}target"] = target[kept].astype(np.int64)
    ratio = counts.max() / counts.min()
    made.DESCR = _DESCR.format(source=source, counts=counts.tolist(), ratio=ratio)
    return made


def _check_number(ratio: Any) -> None:
    if isinstance(ratio, bool) or not isinstance(ratio, Real):
        raise TypeError(f"`imbalance_ratio` must be a number, got {type(ratio).__name__}")


def _left_for_training(rarest: int, validation: int, test: int) -> int:
    for name, rows in (("validation", validation), ("test", test)):
        if isinstance(rows, bool) or not isinstance(rows, int):
            raise TypeError(f"`{name}` must be an int, got {type(rows).__name__}")
        if rows < 0:
            raise ValueError(f"`{name}` must be at least 0 rows of each digit, got {rows}")
    if validation + test >= rarest:
        raise ValueError(
            f"`validation`={validation} and `test`={test} leave nothing to train on: the rarest digit has "
            f"{rarest} rows"
        )
    return rarest - validation - test
