"""Indices that carry their epoch: ``(epoch, row) = divmod(index, length)``."""

from __future__ import annotations

from typing import Any

import numpy as np

from .plan import Rows

__all__ = ["as_rows", "locate"]

_MAX_EPOCHS = 2**32


def as_rows(indices: Any) -> Rows:
    """Indices as int64, shape (b,)."""
    if isinstance(indices, (list, tuple)):
        return np.fromiter(indices, np.int64, len(indices))  # a third faster than np.array
    return np.asarray(indices, dtype=np.int64)


def locate(wanted: Rows, length: int, epoch: int) -> tuple[Rows, Rows | int]:
    """Rows and epochs of indices.

    Args:
        wanted: Indices, shape (b,). Negative ones count from the end.
        length: Rows of one epoch.
        epoch: The epoch of indices below ``length``.

    Returns:
        Rows, int64, shape (b,), and epochs: one int where all agree, which is the common case, else int64,
        shape (b,).

    Raises:
        IndexError: If an index is below -length or its epoch is 2**32 or more.

    >>> locate(as_rows([7, 9]), length=5, epoch=0), locate(as_rows([-1, 9]), length=5, epoch=0)
    ((array([2, 4]), 1), (array([4, 4]), array([0, 1])))
    """
    first = int(wanted[0]) // length if len(wanted) else 0
    rows = wanted - first * length
    # Read as unsigned numbers, rows below 0 are above any length.
    if first >= 0 and not (rows.view(np.uint64) >= length).any():
        _check_epoch(first, wanted)
        return rows, first or epoch
    if (wanted < -length).any():
        raise IndexError(f"index {wanted.min()} is out of range: the first of {length} rows is -{length}")
    epochs, rows = np.divmod(wanted, length)
    _check_epoch(int(epochs.max()), wanted)
    return rows, np.where(epochs < 1, epoch, epochs)


def _check_epoch(epoch: int, wanted: Rows) -> None:
    if epoch >= _MAX_EPOCHS:
        raise IndexError(f"index {wanted.max()} is out of range: it lies in epoch {epoch}, at most 2**32 - 1")
