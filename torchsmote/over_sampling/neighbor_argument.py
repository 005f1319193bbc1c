"""What `k_neighbors=` and its like may hold: a count, or an estimator that counts the row itself."""

from __future__ import annotations

from typing import Any

from sklearn.base import clone

from ..neighbors import KNeighbors
from ..neighbors.checks import check_k

__all__ = ["batch_count", "count_of", "estimator_of"]


def count_of(neighbors: Any) -> int:
    """How many neighbours it asks for, without the row itself."""
    return int(neighbors.n_neighbors) - 1 if hasattr(neighbors, "kneighbors") else int(neighbors)


def estimator_of(neighbors: Any, backend: str, device: Any, itself: int = 1) -> Any:
    """The estimator it stands for, as imbalanced-learn shows it once fitted: mostly the row itself is one."""
    if hasattr(neighbors, "kneighbors"):
        return clone(neighbors)
    return KNeighbors(int(neighbors) + itself, backend=backend, device=device)


def batch_count(resampler: Any, argument: str) -> int:
    """The count, for a search inside a training step.

    Raises:
        TypeError: If it is an estimator, or no int.
        ValueError: If it is below 1.
    """
    neighbors = getattr(resampler, argument)
    if hasattr(neighbors, "kneighbors"):
        raise TypeError(
            f"{type(resampler).__name__}: `{argument}` is a {type(neighbors).__name__}, which cannot search "
            f"inside a training step; give {argument} as an int"
        )
    return check_k(neighbors, argument)
