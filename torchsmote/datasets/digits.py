"""scikit-learn's bundled digits, made long-tailed: real data that needs no network."""

from __future__ import annotations

import numpy as np
from sklearn.datasets import load_digits
from sklearn.utils import Bunch

from ..random import check_seed

__all__ = ["load_digits_imbalanced"]

_DESCR = """8 x 8 images of handwritten digits (UCI, bundled with scikit-learn), long-tailed.
Rows of digit c: {counts}. Imbalance ratio {ratio:.4g}. Nothing is repeated."""


def load_digits_imbalanced(imbalance_ratio: float = 50, *, seed: int = 0) -> Bunch:
    r"""Load 8 x 8 digits whose class sizes fall exponentially from digit 0 to digit 9.

    Digit c keeps :math:`n_c = n_{max} \cdot IR^{-c/9}` rows, rounded, drawn without replacement.
    :math:`n_{max}` is the largest size for which digit 9 keeps a whole number of rows, so a whole
    ``imbalance_ratio`` is met exactly.

    Args:
        imbalance_ratio: Largest class over smallest class, in [1, 174]; 174 rows is what the rarest digit
            has.
        seed: Which rows are kept, in [0, 2**64).

    Returns:
        Bunch with ``data`` (n, 64) float32 in [0, 16], ``target`` (n,) int64, ``groups`` None,
        ``feature_names`` and ``DESCR``.

    Raises:
        ValueError: If ``imbalance_ratio`` is outside [1, 174].

    Reference:
        Cao, Wei, Gaidon, Arechiga and Ma, "Learning imbalanced datasets with label-distribution-aware margin
        loss", NeurIPS 2019.

    >>> np.bincount(load_digits_imbalanced(50).target).tolist()
    [150, 97, 63, 41, 26, 17, 11, 7, 5, 3]
    """
    digits = load_digits()
    available = np.bincount(digits.target)
    if not 1 <= imbalance_ratio <= available.min():
        raise ValueError(
            f"`imbalance_ratio` must be in [1, {available.min()}] (the rarest digit has that many rows), "
            f"got {imbalance_ratio}"
        )
    rng = np.random.default_rng(check_seed(seed))
    largest = imbalance_ratio * (available.min() // imbalance_ratio)
    counts = np.rint(largest * imbalance_ratio ** (-np.arange(10) / 9)).astype(int)
    kept = np.sort(
        np.concatenate(
            [rng.permutation(np.flatnonzero(digits.target == c))[: counts[c]] for c in range(len(counts))]
        )
    )
    return Bunch(
        data=digits.data[kept].astype(np.float32),
        target=digits.target[kept].astype(np.int64),
        groups=None,
        feature_names=list(digits.feature_names),
        DESCR=_DESCR.format(counts=counts.tolist(), ratio=counts.max() / counts.min()),
    )
