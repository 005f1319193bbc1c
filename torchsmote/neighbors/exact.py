"""Exact distances and their order: true differences in float64, ties to the smaller index."""

from __future__ import annotations

import torch
from torch import Tensor

from torchsmote.neighbors.rows import Rows

__all__ = ["best_of_pairs", "exact_squared", "pair_squared", "rank"]

_CHUNK = 1 << 17  # float64 values at work: 1 MiB, which stays in cache


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
    columns = max(1, min(count, _CHUNK // queries.shape[1]))
    rows = max(1, _CHUNK // (columns * queries.shape[1]))
    for top in range(0, n_queries, rows):
        for left in range(0, count, columns):
            part = slice(top, top + rows), slice(left, left + columns)
            difference = references.take(candidates[part]).sub_(queries[part[0], None])
            squared[part] = references.squared(difference)
    return squared


def pair_squared(queries: Tensor, references: Rows, query: Tensor, position: Tensor) -> Tensor:
    """As ``exact_squared``, for pairs: row ``query[i]`` of ``queries``, ``position[i]`` of ``references``."""
    squared = torch.empty(len(query), dtype=torch.float64, device=queries.device)
    step = max(1, _CHUNK // queries.shape[1])
    for start in range(0, len(query), step):
        part = slice(start, start + step)
        difference = references.take(position[part]).sub_(queries[query[part]])
        squared[part] = references.squared(difference)
    return squared


def rank(squared: Tensor, candidates: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """The k smallest candidates by (distance, position), sorted, both of shape (q, k)."""
    candidates, order = candidates.sort(dim=1)
    squared, order = squared.gather(1, order).sort(dim=1, stable=True)
    return squared[:, :k], candidates.gather(1, order[:, :k])


def best_of_pairs(query: Tensor, position: Tensor, squared: Tensor, k: int) -> Tensor:
    """Which pairs are among the k smallest by (distance, position) of their query.

    Args:
        query: int64 (p,), the query of each pair.
        position: int64 (p,), what it is paired with.
        squared: float64 (p,).
        k: How many to keep of each query.

    Returns:
        int64 indices of the pairs kept, ordered by query, then distance, then position.
    """
    order = position.argsort(stable=True)
    order = order[squared[order].argsort(stable=True)]
    order = order[query[order].argsort(stable=True)]
    sorted_query = query[order]
    place = torch.arange(len(order), device=order.device)
    return order[place - torch.searchsorted(sorted_query, sorted_query) < k]
