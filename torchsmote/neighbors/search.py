"""The k nearest rows: the entry points, the class relation, and which backend answers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from torch import Tensor

from torchsmote.neighbors.checks import (
    as_matrix,
    check_choice,
    check_finite,
    check_k,
    check_pair,
    label_codes,
)
from torchsmote.neighbors.exact import exact_squared, rank
from torchsmote.neighbors.rows import Rows, slices

__all__ = ["Neighbors", "available_backends", "knn", "neighbors_among"]

METRICS = ("euclidean", "cosine")
RELATIONS = ("any", "same", "different")


class Neighbors(NamedTuple):
    """The neighbours of each query row, nearest first; -1 and inf where there are fewer.

    Attributes:
        distances: (q, k), in the dtype of the query.
        indices: (q, k), int64.
    """

    distances: Tensor
    indices: Tensor


def available_backends() -> dict[str, str | None]:
    """Each backend's name, with None or the reason why it is not usable here."""
    return {"torch": None}


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
    """The k nearest reference rows of each query row."""
    if group is not None:
        raise ValueError("`group` is not supported by this version; gather the rows and pass group=None")
    k = check_k(k)
    check_choice(relation, RELATIONS, "relation")
    check_choice(metric, METRICS, "metric")
    check_choice(backend, ("auto", *available_backends()), "backend")
    query = as_matrix(query, "query")
    if exclude_self and reference is not None:
        raise ValueError("`exclude_self` needs a search of `query` in itself; pass reference=None")
    alone = reference is None
    reference = query if alone else as_matrix(reference, "reference")
    check_pair(query, reference)
    codes = _codes(relation, len(query), None if alone else len(reference), query_labels, reference_labels)
    check_finite(query, "query")
    if not alone:
        check_finite(reference, "reference")
    out = Neighbors(
        torch.full((len(query), k), math.inf, dtype=query.dtype, device=query.device),
        torch.full((len(query), k), -1, dtype=torch.int64, device=query.device),
    )
    for queries, references in _blocks(relation, codes, query.device):
        _search_into(out, query, queries, reference, references, k, exclude_self, metric)
    return out


def neighbors_among(
    X: Tensor,
    k: int,
    *,
    queries: Tensor | None = None,
    references: Tensor | None = None,
    metric: str = "euclidean",
    backend: str = "auto",
) -> Neighbors:
    """The k nearest rows of X[references] to each row of X[queries], a row itself left out."""
    n_queries = len(X) if queries is None else len(queries)
    out = Neighbors(
        torch.full((n_queries, k), math.inf, dtype=X.dtype, device=X.device),
        torch.full((n_queries, k), -1, dtype=torch.int64, device=X.device),
    )
    X = X.detach()
    found = _nearest(X, queries, X, references, k, True, metric)
    width = found.indices.shape[1]
    out.indices[:, :width] = found.indices
    out.distances[:, :width] = found.distances.to(X.dtype)
    return out


def _codes(
    relation: str, n_query: int, n_reference: int | None, query_labels: Any, reference_labels: Any
) -> list[Tensor]:
    if n_reference is None and reference_labels is not None:
        raise ValueError("`reference_labels` needs a `reference`; `query_labels` serve both sides without one")
    given = [("query_labels", query_labels, n_query)]
    if n_reference is not None:
        given.append(("reference_labels", reference_labels, n_reference))
    for name, values, _ in given:
        if values is None and relation != "any":
            raise ValueError(f"`relation`={relation!r} needs `{name}`: one label for each row")
    codes = label_codes([entry for entry in given if entry[1] is not None], torch.device("cpu")) if any(
        entry[1] is not None for entry in given
    ) else []
    return codes if relation != "any" else []


def _blocks(
    relation: str, codes: list[Tensor], device: torch.device
) -> Iterator[tuple[Tensor | None, Tensor | None]]:
    """Pairs of query rows and the reference rows they may see; None stands for all rows."""
    if relation == "any":
        yield None, None
        return
    for code in torch.unique(codes[0]).tolist():
        of_class = codes[-1] == code
        seen = of_class if relation == "same" else ~of_class
        yield (codes[0] == code).nonzero()[:, 0].to(device), seen.nonzero()[:, 0].to(device)


def _search_into(
    out: Neighbors,
    query: Tensor,
    queries: Tensor | None,
    reference: Tensor,
    references: Tensor | None,
    k: int,
    exclude_self: bool,
    metric: str,
) -> None:
    found = _nearest(query, queries, reference, references, k, exclude_self, metric)
    width = found.indices.shape[1]
    rows = slice(None) if queries is None else queries
    out.indices[rows, :width] = found.indices
    out.distances[rows, :width] = found.distances.to(out.distances.dtype)


def _nearest(
    query: Tensor,
    queries: Tensor | None,
    reference: Tensor,
    references: Tensor | None,
    k: int,
    exclude_self: bool,
    metric: str,
) -> Neighbors:
    """At most k neighbours: float64 distances, indices in ``reference``."""
    asked = Rows(query, queries, _factor(query, metric))
    seen = Rows(reference, references, _factor(reference, metric))
    width = min(k + exclude_self, len(seen))
    squared = torch.empty((len(asked), width), dtype=torch.float64, device=query.device)
    indices = torch.empty((len(asked), width), dtype=torch.int64, device=query.device)
    everything = torch.arange(len(seen), device=query.device)
    for part in slices(len(asked), 64):
        rows = asked.take(part)
        candidates = everything.expand(len(rows), -1)
        squared[part], indices[part] = rank(exact_squared(rows, seen, candidates), candidates, width)
    indices = seen.at(indices)
    if exclude_self:
        own = asked.at(slice(0, len(asked)))
        squared, indices = _without(own, squared, indices, k)
    return Neighbors(squared / 2 if metric == "cosine" else squared.sqrt(), indices)


def _factor(matrix: Tensor, metric: str) -> Tensor | float:
    return 1.0 if metric == "euclidean" else 1 / matrix.double().norm(dim=1, keepdim=True)


def _without(own: Tensor, squared: Tensor, indices: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """Drop each row's own index where it occurs, else the farthest neighbour; at most k are left."""
    is_self = indices == own[:, None]
    width = indices.shape[1]
    found, at = is_self.any(1), is_self.to(torch.uint8).argmax(1)
    if width <= k:  # every eligible row is there: mark the place of self and move it to the end
        squared, indices = squared.masked_fill(is_self, math.inf), indices.masked_fill(is_self, -1)
    keep = torch.arange(width - (width > k), device=own.device)
    at = torch.where(found, at, width)
    keep = keep + (keep >= at[:, None]) if width > k else (keep + (keep >= at[:, None])) .clamp(max=width - 1)
    squared, indices = squared.gather(1, keep), indices.gather(1, keep)
    if width <= k:
        squared[found, -1], indices[found, -1] = math.inf, -1
    return squared, indices
