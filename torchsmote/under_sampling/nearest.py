"""Neighbours among chosen rows, with their distances in float64: a row that was chosen finds itself, too."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.base import clone
from torch import Tensor

from ..devices import on_host
from ..neighbors import knn
from ..neighbors.exact import exact_squared
from ..neighbors.rows import Rows, slices

__all__ = ["distances_of", "farthest_squared", "modest_scale", "nearest_among", "nearest_by"]

_CHUNK = 1 << 20  # float64 values at work: 8 MiB
_MODEST = 2.0**40  # float32 squares up to here, and down to its inverse, are far from both ends


def modest_scale(rows: Tensor) -> Tensor:
    """Rows whose squares neither overflow nor vanish: divided by a power of two if they would.

    The order of distances stays, and no digit changes.

    >>> modest_scale(torch.tensor([[2.0**600, 2.0**599]], dtype=torch.float64)).tolist()
    [[0.5, 0.25]]
    """
    peak = max(abs(float(end)) for end in rows.aminmax())
    if peak == 0 or 1 / _MODEST < peak < _MODEST:
        return rows
    exponent = math.frexp(peak)[1]
    half = exponent // 2  # in two steps, since the whole power itself may be out of range
    return rows / 2.0**half / 2.0 ** (exponent - half)


def nearest_among(asked: Tensor, seen: Tensor, k: int, backend: str = "auto") -> tuple[Tensor, Tensor]:
    """Squared distances, float64, and positions in ``seen`` of the k nearest rows, both (q, k).

    Args:
        asked: Floating, shape (q, d).
        seen: Floating, shape (n, d), n >= k.
        k: How many.
        backend: See `knn`.

    >>> nearest_among(torch.tensor([[1.0]]), torch.tensor([[1.0], [3.0]]), 2)[0].tolist()
    [[0.0, 4.0]]
    """
    positions = knn(asked, seen, k, backend=backend).indices
    squared = torch.empty(positions.shape, dtype=torch.float64, device=asked.device)
    for part in slices(len(asked), max(1, _CHUNK // asked.shape[1])):
        squared[part] = exact_squared(asked[part].double(), Rows(seen), positions[part])
    return squared, positions


def nearest_by(estimator: Any, asked: Tensor, seen: Tensor, k: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Distances and positions of the k nearest rows by an estimator with ``kneighbors``, both (q, k)."""
    found = clone(estimator).fit(on_host(seen)).kneighbors(on_host(asked), n_neighbors=k)
    return np.asarray(found[0]), np.asarray(found[1])


def distances_of(squared: Tensor, seen: Tensor, k: int) -> Tensor:
    """Square roots, float64, rounded where scikit-learn's search among these rows for k would round them.

    Its trees give float64; without one it gives float32 rows float32 distances. Sums of such distances tie,
    and ties go to the earlier row: so rounding decides on the order.

    >>> distances_of(torch.tensor([2.0], dtype=torch.float64), torch.zeros(9, 20), 1).tolist()
    [1.4142135381698608]
    """
    has_tree = seen.shape[1] <= 15 and k < len(seen) // 2
    if seen.dtype == torch.float32 and not has_tree:
        # Not `float().sqrt()`: torch's is an ulp off for some numbers on some processors.
        return squared.float().double().sqrt().float().double()
    return squared.sqrt()


def farthest_squared(asked: Tensor, seen: Tensor, k: int) -> Tensor:
    """Squared distances to the k farthest rows, ascending, float64, shape (q, k).

    Far rows lose nothing by ``|a|^2 + |b|^2 - 2 a.b`` in float64 about their middle, unlike near ones.

    >>> farthest_squared(torch.tensor([[1.0]]), torch.tensor([[1.0], [3.0], [5.0]]), 2).tolist()
    [[4.0, 16.0]]
    """
    middle = seen.double().mean(0)
    columns = (seen.double() - middle).t().contiguous()
    norms = columns.square().sum(0)
    squared = torch.empty((len(asked), k), dtype=torch.float64, device=asked.device)
    for part in slices(len(asked), max(1, _CHUNK // len(seen))):
        rows = asked[part].double() - middle
        scores = torch.addmm(norms, rows, columns, alpha=-2.0)
        largest = scores.topk(k, dim=1)[0] + rows.square().sum(1, keepdim=True)
        squared[part] = largest.flip(1).clamp_min(0)
    return squared
