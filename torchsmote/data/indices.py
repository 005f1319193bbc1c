"""Indices that carry their epoch: ``(epoch, row) = divmod(index, length)``."""

from __future__ import annotations

from array import array
from typing import Any

import numpy as np

from .plan import Rows

__all__ = ["as_rows", "locate"]

_MAX_EPOCHS = 2**32
_LARGEST = 2**63 - 1


def as_rows(indices: Any) -> Rows:
    """Indices as int64, shape (b,).

    Args:
        indices: A sequence of whole numbers, or an integer array or tensor.

    Raises:
        IndexError: If one does not fit in 64 bits.
        TypeError: If one is no whole number, or there is more than one axis.
    """
    if not hasattr(indices, "dtype"):
        try:
            # As fast as np.array, and refuses fractions instead of cutting them off.
            return np.frombuffer(array("q", indices), np.int64)
        except OverflowError:
            raise IndexError(f"index {max(indices, key=abs)} is out of range: it exceeds 64 bits") from None
        except TypeError:
            if isinstance(indices, list) and any(isinstance(index, list) for index in indices):
                raise TypeError(
                    "an index must be a whole number, got a list of them; a sampler of whole batches, as "
                    "BalancedBatchSampler is, goes to DataLoader as `batch_sampler`, not as `sampler`"
                ) from None
            raise
    rows = np.asarray(indices)
    if rows.ndim != 1 or (rows.dtype.kind not in "iu" and rows.size):
        raise TypeError(f"indices must be whole numbers, shape (b,), got {rows.dtype} {rows.shape}")
    if rows.dtype.kind == "u" and rows.size and rows.max() > _LARGEST:
        raise IndexError(f"index {rows.max()} is out of range: it exceeds 64 bits")
    return rows.astype(np.int64, copy=False)


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
