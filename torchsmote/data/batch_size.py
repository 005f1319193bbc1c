"""The check of a batch size, which loaders and batch samplers share."""

from __future__ import annotations

from operator import index as as_int
from typing import Any

__all__ = ["check_batch_size"]


def check_batch_size(batch_size: Any) -> int:
    """Return ``batch_size`` as an int, at least 1.

    Raises:
        TypeError: If it is no int.
        ValueError: If it is below 1.

    >>> check_batch_size(64)
    64
    """
    if isinstance(batch_size, bool) or not hasattr(batch_size, "__index__"):
        raise TypeError(f"`batch_size` must be an int, got {type(batch_size).__name__}")
    if as_int(batch_size) < 1:
        raise ValueError(f"`batch_size` must be at least 1, got {batch_size}")
    return as_int(batch_size)
