"""Rows that repeat: a 64-bit hash of each, so that equal ones are found by one sort of n numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..features import Features
from .column_facts import parts

__all__ = ["hash_rows"]

# Of splitmix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014).
_GOLDEN, _FIRST, _SECOND = (
    np.uint64(n) for n in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
)


def hash_rows(features: Features) -> NDArray[np.uint64]:
    """A number for each row, equal for rows that are equal in every column; missing equals missing.

    Two different rows have one number with a probability of about 2**-64: among 1,000,000 rows any two with
    one of 3e-8.

    Args:
        features: The table.
    """
    hashes = np.zeros(len(features), np.uint64)
    for part in parts(*features.numbers.shape):
        values = features.numbers[part] + 0.0  # -0.0 is 0.0
        values[np.isnan(values)] = np.nan  # NaNs may differ in their bits
        bits = values.view(np.uint32 if values.itemsize == 4 else np.uint64)
        for column in range(bits.shape[1]):
            hashes[part] = _mixed(hashes[part], bits[:, column])
    for column in range(features.codes.shape[1]):
        hashes = _mixed(hashes, features.codes[:, column])
    return hashes


def _mixed(hashes: NDArray[np.uint64], values: NDArray[np.generic]) -> NDArray[np.uint64]:
    mixed = (hashes ^ values.astype(np.uint64)) + _GOLDEN
    mixed = (mixed ^ (mixed >> np.uint64(30))) * _FIRST
    mixed = (mixed ^ (mixed >> np.uint64(27))) * _SECOND
    return np.asarray(mixed ^ (mixed >> np.uint64(31)))
