"""Neighbours among rows of categories, by the value difference metric.

Two categories are as far apart as the shares of the classes among their rows differ; rows, as the squares of
these distances add up over the columns. Both are computed as in imbalanced-learn, to the last bit, and its
partition chooses among rows that are equally near, since in tables of few categories most rows are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.base import clone
from torch import Tensor
from torch.nn.functional import embedding_bag

from ..categories import Categories
from .neighbor_argument import count_of
from .neighbor_search import NeighborSearch

__all__ = ["ValueDifferenceSearch", "class_shares"]

_DISTANCES = 1 << 20  # distances of a tile of queries to all rows: 8 MiB


def class_shares(categories: Categories, labels: NDArray[np.int64], n_classes: int) -> Tensor:
    """For each code, the share of each class among its rows, float64, shape (number of codes, n_classes)."""
    counts = np.empty((categories.start[-1], n_classes))
    for label in range(n_classes):
        codes = categories.codes[labels == label]
        counts[:, label] = np.bincount(codes.ravel(), minlength=len(counts))
    with np.errstate(invalid="ignore"):  # a category that only the encoder knows has no rows
        return torch.from_numpy(np.nan_to_num(counts / counts.sum(1, keepdims=True)))


@dataclass(frozen=True, eq=False)
class ValueDifferenceSearch(NeighborSearch):
    """The search among rows of categories, on the CPU; each row may find itself.

    Attributes:
        codes: Categories of all rows, int32, shape (n, c), on the CPU.
        start: First code of each column, and the number of codes.
        shares: See `class_shares`.
    """

    codes: Tensor = field(default_factory=lambda: torch.empty(0))
    start: tuple[int, ...] = ()
    shares: Tensor = field(default_factory=lambda: torch.empty(0))

    def nearest(self, neighbors: Any, queries: Tensor, references: Tensor | None, argument: str) -> Tensor:
        """The k + 1 nearest rows of a class to each of its rows, in no order, shape (n_c, k + 1).

        Rows with the same categories have the same distances, and so the same neighbours: they are searched
        once.
        """
        assert references is not None
        rows, copy = self.codes[references.cpu()].unique(dim=0, return_inverse=True)
        if hasattr(neighbors, "kneighbors"):
            square = np.concatenate(list(self._distances(rows, copy)))[copy.numpy()]
            fitted = clone(neighbors)
            if "metric" in fitted.get_params():
                fitted.set_params(metric="precomputed")
            found = torch.as_tensor(fitted.fit(square).kneighbors(square, return_distance=False))
        else:
            k = count_of(neighbors)
            # Copied, since a view would keep the positions of all n_c rows alive: n_c x n_c in the end.
            parts = [
                np.argpartition(tile, k, axis=1)[:, : k + 1].copy() for tile in self._distances(rows, copy)
            ]
            found = torch.from_numpy(np.concatenate(parts))[copy]
        return references[found.to(references.device)]

    def _distances(self, rows: Tensor, copy: Tensor) -> Iterator[NDArray[np.float64]]:
        """From each distinct row to all rows of the class, tile by tile, (t, n_c)."""
        step = max(1, _DISTANCES // max(len(copy), self.shares.numel()))
        for begin in range(0, len(rows), step):
            table = self._table(rows[begin : begin + step])
            # Sums in the order of the columns, as imbalanced-learn's: the last bits decide ties.
            yield embedding_bag(rows, table, mode="sum").t()[:, copy].contiguous().numpy()

    def _table(self, queries: Tensor) -> Tensor:
        """Squared distance of each code to the query's code in that column, float64, shape (codes, t)."""
        table = np.empty((self.start[-1], len(queries)))
        shares = self.shares.numpy()
        for column, (begin, end) in enumerate(zip(self.start[:-1], self.start[1:], strict=True)):
            own = shares[queries[:, column].numpy()]
            # numpy's own sum, for the sake of its order.
            table[begin:end] = np.abs(shares[begin:end, None] - own).sum(-1) ** 2
        return torch.from_numpy(table)
