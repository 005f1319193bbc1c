"""The k nearest rows: the entry points, the class relation, and the self that is left out."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import torch
from torch import Tensor

from torchsmote.neighbors.approximate import Index, search
from torchsmote.neighbors.checks import as_matrix, check_k
from torchsmote.neighbors.distributed import nearest_over_ranks
from torchsmote.neighbors.faiss_index import KINDS
from torchsmote.neighbors.labels import class_pairs, label_codes
from torchsmote.neighbors.question import Question
from torchsmote.neighbors.rows import Rows
from torchsmote.neighbors.scaling import Extent, comparable, true_distances
from torchsmote.neighbors.streamed import Pair, is_streamed, search_streamed
from torchsmote.process_group import Ranks

__all__ = ["Neighbors", "Output", "comparable_rows", "knn", "neighbors_among"]


class _Pair(NamedTuple):
    distances: Tensor
    indices: Tensor


class Neighbors(_Pair):
    """The neighbours of each query row, nearest first; -1 and inf where there are fewer: a pair of two.

    Attributes:
        distances: (q, k), in the dtype of the query.
        indices: (q, k), int64.
        recall: Share of the true neighbours found: 1.0, or for an approximate backend as measured on at least
            1,000 queries, the lowest of the classes where each is searched on its own.

    >>> found = knn(torch.tensor([[0.0], [1.0], [5.0]]), k=1, exclude_self=True)
    >>> found.indices.flatten().tolist(), found.distances.flatten().tolist()
    ([1, 0, 1], [1.0, 1.0, 4.0])
    """

    recall: float = 1.0


def knn(
    query: Any,
    reference: Any = None,
    k: int = 5,
    *,
    relation: str = "any",
    query_labels: Any = None,
    reference_labels: Any = None,
    exclude_self: bool = False,
    metric: str = "euclidean",
    backend: str = "auto",
    group: Any = None,
) -> Neighbors:
    """The k nearest reference rows of each query row: exactly, but for the approximate backends.

    ``|q - r|`` for the Euclidean metric, ``1 - q.r / (|q||r|)`` for the cosine metric. Distances are ranked
    in float64 and rounded once to the dtype; exact ties go to the smaller index. Every exact
    backend gives the same answer: low precision only chooses candidates, and a bound on its error proves that
    none was missed. "faiss-ivf" and "faiss-hnsw" may miss some, and say how many: see ``Neighbors.recall``.

    Args:
        query: Floating tensor or numpy array (one mapped from a file is never copied), or `ArrowRows`, shape
            (q, d).
        reference: As ``query``, shape (n, d), same dtype and device; None searches ``query`` in itself.
        k: How many neighbours, at least 1.
        relation: Which rows a query may find: "any", those of the "same" class, or of a "different" one.
        query_labels: (q,) labels of any dtype, needed unless ``relation="any"``; without a reference they
            serve both sides.
        reference_labels: (n,) labels of the reference.
        exclude_self: Leave out each row's own index (not its duplicates); only without a reference.
        metric: "euclidean" or "cosine".
        backend: "auto", which is exact, or one of ``available_backends()``.
        group: A torch.distributed process group, for an exact backend: ``query`` and ``reference`` are this
            rank's rows, and indices count over all ranks' rows, in the order of ranks. All ranks call it,
            with the same options. The same answer, bit for bit, for every number of ranks.

    Returns:
        ``Neighbors(distances, indices)``, both (q, k): distances in the dtype of the query, int64 indices.
        Where fewer than k rows are eligible, distance inf and index -1.

    Raises:
        TypeError: If rows are not floating, or ``k`` is not an int.
        ValueError: If rows hold NaN or inf, shapes or devices disagree, labels of the two sides are of two
            kinds, or an option is unknown. With a group, also if a rank has no row or ranks disagree: on all
            ranks, as every error that one of them finds.

    >>> x = torch.tensor([[0.0], [1.0], [3.0]])
    >>> knn(x, k=1, exclude_self=True).indices[:, 0].tolist()
    [1, 0, 1]
    >>> knn(x, k=2, relation="same", query_labels=["a", "a", "b"]).indices.tolist()
    [[0, 1], [1, 0], [2, -1]]
    """

    def question() -> Question:
        if group is not None and (is_streamed(query) or is_streamed(reference)):
            raise TypeError("`group` takes rows in memory; give this rank's rows as a tensor, or group=None")
        if group is not None and backend in tuple(KINDS):
            raise ValueError(
                f"`backend`={backend!r} is approximate, which a search with `group` is not; pass 'auto'"
            )
        labels = query_labels, reference_labels
        return Question.of(query, reference, k, relation, labels, exclude_self, metric, backend)

    if group is not None:
        return Neighbors(*nearest_over_ranks(Ranks.of(group), question))
    asked_for = question()
    tables = asked_for.tables
    labels = label_codes(asked_for.labels) if asked_for.labels else []
    first = tables[0][1]

    def pairs() -> Iterator[Pair]:  # one after the other: all of many classes would be a table (classes, n)
        return class_pairs(relation, labels, first.device)

    if any(is_streamed(table) for _, table in tables):
        return Neighbors(*search_streamed(tables, asked_for.k, pairs, metric, exclude_self, backend))
    rows, scale = comparable_rows(tables, metric)
    asked, seen = rows[0], rows[-1]
    out = Output(len(first), asked_for.k, first.dtype, first.device, scale, metric)
    for queries, references in pairs():
        out.add(asked.only(queries), seen.only(references), queries, exclude_self, backend)
    return out.neighbors


def neighbors_among(
    X: Tensor,
    k: int,
    *,
    queries: Tensor | None = None,
    references: Tensor | None = None,
    metric: str = "euclidean",
    backend: str = "auto",
    codes: Tensor | None = None,
    mismatch: float = 0.0,
) -> Neighbors:
    """The k nearest rows of ``X[references]`` to each row of ``X[queries]``, each row without itself.

    The search inside the over-samplers: no copy of ``X`` beyond one in float32 of the rows searched, on the
    CPU of at most 64 MiB of them at a time (256 MiB where fewer than 21,000 are searched in themselves).

    Args:
        X: Floating tensor, shape (n, d), without NaN or inf.
        k: How many neighbours, at least 1.
        queries: int64 row numbers of X, or None for all rows.
        references: int64 row numbers of X, each at most once, or None for all rows.
        metric: "euclidean" or "cosine".
        backend: As in ``knn``.
        codes: Categories beside the numbers: int32 numbers from 0 that no two columns share, shape (n, c);
            Euclidean metric only.
        mismatch: The distance that one category that differs stands for: d^2 is |x - y|^2 + mismatch^2 for
            each. 0 leaves the categories out.

    Returns:
        ``Neighbors``, both (queries, k); indices count in X; -1 and inf where there are fewer.

    >>> x = torch.tensor([[0.0], [1.0], [3.0], [7.0]])
    >>> neighbors_among(x, 1, queries=torch.tensor([0, 3]), references=torch.tensor([0, 2])).indices.tolist()
    [[2], [2]]
    """
    X = as_matrix(X, "X")
    (rows,), scale = comparable_rows([("X", X)], metric)
    if codes is not None and mismatch:
        rows = replace(rows, codes=codes, mismatch=(mismatch / scale) ** 2)
    asked, seen = rows.only(queries), rows.only(references)
    out = Output(len(asked), check_k(k), X.dtype, X.device, scale, metric)
    out.add(asked, seen, None, True, backend)
    return out.neighbors


class Output:
    """The table of neighbours, filled block by block."""

    def __init__(
        self, n_queries: int, k: int, dtype: torch.dtype, device: torch.device, scale: float, metric: str
    ) -> None:
        self.k, self.scale, self.metric = k, scale, metric
        self.neighbors = Neighbors(
            torch.full((n_queries, k), math.inf, dtype=dtype, device=device),
            torch.full((n_queries, k), -1, dtype=torch.int64, device=device),
        )

    def add(
        self, asked: Rows, seen: Rows, into: Tensor | None, exclude_self: bool, backend: str | Index
    ) -> None:
        """Search ``seen`` for the rows ``asked``, and write into these rows of the table (None: all)."""
        width = min(self.k + exclude_self, len(seen))
        if not width or not len(asked):
            return
        squared, indices, recall = search(asked, seen, width, backend)
        self.neighbors.recall = min(self.neighbors.recall, recall)
        if exclude_self:
            squared, indices = _without(asked.at(slice(0, len(asked))), squared, indices, self.k)
        distances = true_distances(squared, self.metric, self.scale)
        part = slice(None) if into is None else into
        self.neighbors.distances[part, : indices.shape[1]] = distances.to(self.neighbors.distances.dtype)
        self.neighbors.indices[part, : indices.shape[1]] = indices


def _without(own: Tensor, squared: Tensor, indices: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """Leave out each row's own index where it occurs; at most k columns are left."""
    if indices.shape[1] <= k:  # every eligible row is there: one more column for the place that self leaves
        squared = torch.nn.functional.pad(squared, (0, 1), value=math.inf)
        indices = torch.nn.functional.pad(indices, (0, 1), value=-1)
    is_self = indices == own[:, None]
    column = torch.arange(indices.shape[1] - 1, device=own.device)
    keep = column + is_self.cummax(1)[0][:, :-1]  # from self on, the next column
    return squared.gather(1, keep), indices.gather(1, keep)


def comparable_rows(given: list[tuple[str, Tensor]], metric: str) -> tuple[list[Rows], float]:
    """The tables that are compared, as they are ranked, and what their distances are multiplied by."""
    extent = Extent()
    for name, matrix in given:
        extent |= Extent.of(matrix, name)
    rows = [comparable(matrix, metric, extent, name) for name, matrix in given]
    return [table for table, _ in rows], rows[0][1]
