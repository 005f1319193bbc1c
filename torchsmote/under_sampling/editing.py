"""Rows that their neighbours contradict go, once or again and again, with as few searches as it takes."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.base import clone
from torch import Tensor

from ..over_sampling.neighbor_argument import count_of
from ..over_sampling.neighbor_search import NeighborSearch
from ..targets import Targets
from ..votes import winners
from .base import LabeledRows

__all__ = ["Editing", "contradicted"]


def contradicted(own: Tensor, neighbors: Tensor, kind: str) -> Tensor:
    """Which rows disagree with the classes of their neighbours.

    Args:
        own: Class of each row, int64, shape (q,).
        neighbors: Classes of its neighbours, int64, shape (q, k).
        kind: "all": some neighbour is of another class; "mode": the most frequent class (of several, the
            first) is another.

    >>> contradicted(torch.tensor([0, 0]), torch.tensor([[0, 0, 1], [1, 1, 0]]), "mode").tolist()
    [False, True]
    """
    if kind == "all":
        return (neighbors != own.unsqueeze(1)).any(1)
    values, wins = winners(neighbors)
    first = wins.to(torch.uint8).argmax(1, keepdim=True)
    return values.gather(1, first).squeeze(1) != own


class Editing:
    """The rows that are still there, and the nearest of them to each row that may go.

    Neighbours of a row are searched once, some more than needed. Taking rows away leaves the order of the
    others as it is, so only a row that lost too many of its neighbours is searched again.

    Attributes:
        data: The table.
        there: Which rows are still there, bool, shape (n,).
        k: The largest number of neighbours.

    Args:
        data: The table.
        neighbors: The largest number of neighbours that will be asked for, or an estimator that counts the
            row itself.
        spare: Neighbours searched beyond that.
        search: Finds them.
    """

    def __init__(self, data: LabeledRows, neighbors: Any, spare: int, search: NeighborSearch) -> None:
        self.data = data
        self.there = torch.ones_like(data.codes, dtype=torch.bool)
        self._search, self._neighbors = search, neighbors
        self._table = data.codes.new_full((len(data.codes), count_of(neighbors) + spare), -1)
        self.k = count_of(neighbors)
        self._check(len(data.codes), self.k)

    def _check(self, n: int, k: int) -> None:
        if n > k:
            return
        whole = n == len(self.there)
        left = f"the table has {n} rows" if whole else f"{n} of {len(self.there)} rows are left"
        fewer = "" if whole else ", or clean fewer classes"
        raise ValueError(
            f"{self._search.owner}: {left} but n_neighbors={k} needs {k + 1}; "
            f"lower n_neighbors to {n - 1}{fewer}"
        )

    @property
    def sample_indices(self) -> NDArray[np.int64]:
        """The rows that are still there, class by class."""
        left = np.flatnonzero(self.there.cpu().numpy())
        return left[np.argsort(self.data.targets.codes[left], kind="stable")]

    @property
    def targets(self) -> Targets:
        """The classes of the rows that are still there, in their order."""
        given, left = self.data.targets, self.sample_indices
        codes = given.codes[left]
        counts = np.bincount(codes, minlength=len(given.counts))
        return Targets(given.labels[left], given.classes, codes, tuple(counts.tolist()))

    def neighbors(self, rows: Tensor, k: int) -> Tensor:
        """The k nearest rows still there of some rows, int64, shape (q, k)."""
        table = self._table[rows]
        present = (table >= 0) & self.there[table]
        short = (present.sum(1) < k).nonzero()[:, 0]
        if len(short):
            table[short] = self._found(rows[short], k)
            self._table[rows[short]] = table[short]
            present[short] = table[short] >= 0
        order = (~present).to(torch.uint8).argsort(dim=1, stable=True)[:, :k]
        return table.gather(1, order)

    def remove(self, positions: list[int], k: int, kind: str) -> bool:
        """Take away the rows of these classes that k neighbours contradict, all at once; whether any went."""
        rows = (self.data.in_classes(positions) & self.there).nonzero()[:, 0]
        codes = self.data.codes
        goes = contradicted(codes[rows], codes[self.neighbors(rows, k)], kind)
        self.there[rows[goes]] = False
        return bool(goes.any())

    def _found(self, queries: Tensor, k: int) -> Tensor:
        """Neighbours among what is there, at least k; -1 at the right where there are no more."""
        n, width = int(self.there.sum()), self._table.shape[1]
        self._check(n, k)
        several = max(k, min(width, n - 1))
        neighbors: Any = several
        if hasattr(self._neighbors, "kneighbors"):
            neighbors = clone(self._neighbors).set_params(n_neighbors=several + 1)
        left = None if n == len(self.there) else self.there.nonzero()[:, 0]
        found = self._search.nearest(neighbors, queries, left, "n_neighbors")
        return torch.nn.functional.pad(found, (0, width - several), value=-1)
