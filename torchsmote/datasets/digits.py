"""scikit-learn's bundled digits, made long-tailed: real data that needs no network."""

from __future__ import annotations

from sklearn.datasets import load_digits
from sklearn.utils import Bunch

from .long_tail import long_tailed

__all__ = ["load_digits_imbalanced"]

_SOURCE = "8 x 8 images of handwritten digits (UCI, bundled with scikit-learn)"


def load_digits_imbalanced(
    imbalance_ratio: float = 50, *, seed: int = 0, validation: int = 0, test: int = 0
) -> Bunch:
    r"""Load 8 x 8 digits whose class sizes fall exponentially from digit 0 to digit 9.

    Digit c keeps :math:`n_c = n_{max} \cdot IR^{-c/9}` rows, rounded, drawn without replacement.
    :math:`n_{max}` is the largest size for which digit 9 keeps a whole number of rows, so a whole
    ``imbalance_ratio`` is met exactly.

    Args:
        imbalance_ratio: Largest class over smallest class, in [1, 174 - validation - test]; 174 rows is what
            the rarest digit has.
        seed: Which rows are kept, in [0, 2**64).
        validation: Rows of each digit set aside, before the tail is cut, for choosing settings.
        test: Rows of each digit set aside for the figures.

    Returns:
        Bunch with ``data`` (n, 64) float32 in [0, 16], ``target`` (n,) int64, ``groups`` None,
        ``feature_names`` and ``DESCR``; and with the rows set aside, the same number of each digit:
        ``validation_data`` and ``validation_target``, ``test_data`` and ``test_target``. No row is in two
        parts.

    Raises:
        TypeError: If ``validation`` or ``test`` is not an int, or ``imbalance_ratio`` not a number.
        ValueError: If ``imbalance_ratio`` is out of range, or too many rows are set aside.

    Reference:
        Cao, Wei, Gaidon, Arechiga and Ma, "Learning imbalanced datasets with label-distribution-aware margin
        loss", NeurIPS 2019.

    >>> import numpy as np
    >>> np.bincount(load_digits_imbalanced(50).target).tolist()
    [150, 97, 63, 41, 26, 17, 11, 7, 5, 3]
    """
    digits = load_digits()
    return long_tailed(
        digits.data,
        digits.target,
        imbalance_ratio,
        seed=seed,
        validation=validation,
        test=test,
        source=_SOURCE,
        feature_names=digits.feature_names,
    )
