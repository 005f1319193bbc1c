"""Exact distances: true differences in float64, ties to the smaller index."""

from __future__ import annotations

import torch
from torch import Tensor

from torchsmote.neighbors.rows import Rows

__all__ = ["exact_squared", "rank"]

_CHUNK = 1 << 18  # float64 values at work: 2 MiB, which stay in cache


def exact_squared(queries: Tensor, references: Rows, candidates: Tensor) -> Tensor:
    """Squared distances of each query row to its candidates: the true difference, summed in float64.

    Args:
        queries: float64 rows, shape (q, d).
        references: The rows that candidates point into.
        candidates: int64 positions in ``references``, shape (q, c).

    Returns:
        float64 tensor of shape (q, c).
    """
    n_queries, count = candidates.shape
    squared = torch.empty((n_queries, count), dtype=torch.float64, device=queries.device)
    step = max(1, _CHUNK // max(1, count * queries.shape[1]))
    for start in range(0, n_queries, step):
        part = slice(start, start + step)
        difference = references.take(candidates[part]).sub_(queries[part, None])
        torch.sum(difference.square_(), dim=-1, out=squared[part])
    return squared


def rank(squared: Tensor, candidates: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """The k smallest by (distance, index), sorted, of shape (q, k)."""
    by_index = candidates.argsort(dim=1)
    squared, order = squared.gather(1, by_index).sort(dim=1, stable=True)
    return squared[:, :k], candidates.gather(1, by_index.gather(1, order[:, :k]))
