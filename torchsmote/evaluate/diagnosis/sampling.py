"""Which rows are looked at where a table has more than can be searched in a minute."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .rules import FEWEST_QUERIES, PAIRS, QUERIES

__all__ = ["chosen", "even_parts", "query_count"]


def even_parts(counts: NDArray[np.int64], total: int) -> NDArray[np.int64]:
    """How many rows to take of each class: as even as the classes' sizes allow, at most ``total`` in all.

    >>> even_parts(np.array([2, 50, 900]), 100).tolist()
    [2, 49, 49]
    """
    taken = np.zeros_like(counts)
    left = total
    order = np.argsort(counts, kind="stable")
    for done, position in enumerate(order):
        taken[position] = min(counts[position], max(1, left // (len(order) - done)))
        left -= int(taken[position])
    return taken


def query_count(n_rows: int) -> int:
    """How many rows are searched for in ``n_rows``.

    >>> query_count(20_000), query_count(1_000_000), query_count(10**9)
    (10000, 5000, 2000)
    """
    return max(FEWEST_QUERIES, min(QUERIES, PAIRS // n_rows))


def chosen(rows: NDArray[np.int64], count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """``count`` of the rows, drawn alike, in their order; all of them where there are no more."""
    if len(rows) <= count:
        return rows
    return np.sort(rng.choice(rows, count, replace=False, shuffle=False))
