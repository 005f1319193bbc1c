"""Searches in rows that are kept, so that an index of them is built once."""

from __future__ import annotations

from torch import Tensor

from torchsmote.neighbors.approximate import FEW_ROWS, Index
from torchsmote.neighbors.checks import check_choice, check_pair
from torchsmote.neighbors.engine import available_backends, choose_backend
from torchsmote.neighbors.faiss_index import KINDS
from torchsmote.neighbors.question import METRICS
from torchsmote.neighbors.rows import Problem
from torchsmote.neighbors.search import Neighbors, Output, comparable_rows

__all__ = ["index_of", "neighbors_in"]


def index_of(rows: Tensor, k: int, metric: str, backend: str) -> Index | None:
    """The index of some rows, wide enough for the k nearest others of each; None for an exact search.

    Args:
        rows: Floating, shape (n, d).
        k: How many neighbours.
        metric: "euclidean" or "cosine".
        backend: As in ``knn``.

    Raises:
        ValueError: If the backend is approximate, and the rows are not finite or not on the CPU.
    """
    check_choice(metric, METRICS, "metric")
    check_choice(backend, ("auto", *available_backends()), "backend")
    if backend not in KINDS or len(rows) < max(FEW_ROWS, k + 1):
        return None
    (seen,), _ = comparable_rows([("X", rows)], metric)
    problem = Problem.of(seen, seen, k + 1)
    return Index.of(problem, choose_backend(problem, backend))


def neighbors_in(rows: Tensor, index: Index, query: Tensor | None, k: int, metric: str) -> Neighbors:
    """The k nearest rows by their index.

    Args:
        rows: The rows of the index, shape (n, d).
        index: See ``index_of``.
        query: Shape (q, d), dtype and device of ``rows``; None: the rows, each without itself.
        k: How many neighbours, at most as many as there are.
        metric: That of the index.
    """
    given = [("X", rows)]
    if query is not None:
        check_pair(query, rows)
        given.insert(0, ("query", query))
    tables, scale = comparable_rows(given, metric)
    out = Output(len(tables[0]), k, rows.dtype, rows.device, scale, metric)
    out.add(tables[0], tables[-1], None, query is None, index)
    return out.neighbors
