"""Edited nearest neighbours more than once: until nothing changes, or with more and more neighbours."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ..over_sampling.neighbor_argument import count_of
from ..parameters import COUNT
from ..strategy import CleaningStrategy
from .base import LabeledRows
from .edited import EditedNearestNeighbours, EditingSampler

__all__ = ["AllKNN", "RepeatedEditedNearestNeighbours"]


class RepeatedEditedNearestNeighbours(EditingSampler):
    """Edit again and again, until no row goes, a class falls below the smallest, or a class is gone.

    Neighbours are searched once; only rows that lost theirs are searched again.

    Args:
        sampling_strategy: See `TomekLinks`.
        n_neighbors: See `EditedNearestNeighbours`.
        max_iter: Passes at most, default 100.
        kind_sel: See `EditedNearestNeighbours`.
        n_jobs: See `TomekLinks`.
        device: Where to compute; None: the tensor's own device, else the CPU.
        backend: See `knn`.

    Attributes:
        sampling_strategy_: The classes to clean.
        classes_: The classes, sorted.
        sample_indices_: Input row of each output row: class by class, ascending in each.
        nn_: The estimator given as `n_neighbors`, or a `KNeighbors` of k + 1.
        enn_: An `EditedNearestNeighbours` that is a single pass.
        n_iter_: Passes made.

    Reference:
        Tomek, "An experiment with the edited nearest-neighbor rule", IEEE Transactions on Systems, Man and
        Cybernetics 6, 1976.

    >>> import torch
    >>> X = torch.tensor([[0.0], [1.0], [2.1], [9.0], [9.3], [9.8]])
    >>> renn = RepeatedEditedNearestNeighbours(n_neighbors=2)
    >>> _, y = renn.fit_resample(X, torch.tensor([0, 0, 0, 1, 0, 1]))
    >>> y.tolist(), renn.n_iter_
    ([0, 0, 0, 1, 1], 2)
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **EditingSampler._parameter_constraints,
        "max_iter": COUNT,
    }

    def __init__(
        self,
        *,
        sampling_strategy: CleaningStrategy = "auto",
        n_neighbors: Any = 3,
        max_iter: int = 100,
        kind_sel: str = "all",
        n_jobs: int | None = None,
        device: Any = None,
        backend: str = "auto",
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.n_neighbors = n_neighbors
        self.max_iter = max_iter
        self.kind_sel = kind_sel
        self.n_jobs = n_jobs
        self.device = device
        self.backend = backend

    def _edit(self, data: LabeledRows) -> NDArray[np.int64]:
        self.enn_ = EditedNearestNeighbours(
            sampling_strategy=self.sampling_strategy,
            n_neighbors=self.nn_,
            kind_sel=self.kind_sel,
            n_jobs=self.n_jobs,
            device=self.device,
            backend=self.backend,
        )
        k = count_of(self.n_neighbors)
        editing = self._editing(data, self.n_neighbors, k)
        for passes in range(self.max_iter):
            self.n_iter_ = passes + 1
            changed = self._pass(editing, k)
            left = editing.targets.counts
            if not changed or _passes_the_minority(data, left) or not all(left):
                break
        return editing.sample_indices


class AllKNN(EditingSampler):
    """Edit with one neighbour, then with two among what is left, and so on up to ``n_neighbors``.

    It stops early where a class falls below the smallest, or is gone. Neighbours are searched once; only rows
    that lost theirs are searched again.

    Args:
        sampling_strategy: See `TomekLinks`.
        n_neighbors: The largest number of neighbours, default 3; of an estimator, its number less one counts.
        kind_sel: See `EditedNearestNeighbours`.
        allow_minority: Whether a class may fall below the smallest.
        n_jobs: See `TomekLinks`.
        device: Where to compute; None: the tensor's own device, else the CPU.
        backend: See `knn`.

    Attributes:
        sampling_strategy_: The classes to clean.
        classes_: The classes, sorted.
        sample_indices_: Input row of each output row: class by class, ascending in each.
        nn_: The estimator given as `n_neighbors`, or a `KNeighbors` of k + 1.
        enn_: An `EditedNearestNeighbours` that is the last pass.

    Reference:
        Tomek, "An experiment with the edited nearest-neighbor rule", IEEE Transactions on Systems, Man and
        Cybernetics 6, 1976.

    >>> import torch
    >>> X = torch.tensor([[0.0], [1.0], [2.1], [9.0], [9.3], [9.8]])
    >>> AllKNN(n_neighbors=2).fit_resample(X, torch.tensor([0, 0, 0, 1, 0, 1]))[1].tolist()
    [0, 0, 0, 1, 1]
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **EditingSampler._parameter_constraints,
        "allow_minority": ["boolean"],
    }

    def __init__(
        self,
        *,
        sampling_strategy: CleaningStrategy = "auto",
        n_neighbors: Any = 3,
        kind_sel: str = "all",
        allow_minority: bool = False,
        n_jobs: int | None = None,
        device: Any = None,
        backend: str = "auto",
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.n_neighbors = n_neighbors
        self.kind_sel = kind_sel
        self.allow_minority = allow_minority
        self.n_jobs = n_jobs
        self.device = device
        self.backend = backend

    def _edit(self, data: LabeledRows) -> NDArray[np.int64]:
        most = count_of(self.n_neighbors)
        editing = self._editing(data, most, most)
        for k in range(1, most + 1):
            self.enn_ = EditedNearestNeighbours(
                sampling_strategy=self.sampling_strategy,
                n_neighbors=k,
                kind_sel=self.kind_sel,
                n_jobs=self.n_jobs,
                device=self.device,
                backend=self.backend,
            )
            self._pass(editing, k)
            left = editing.targets.counts
            if not all(left) or (_passes_the_minority(data, left) and not self.allow_minority):
                break
        return editing.sample_indices


def _passes_the_minority(data: LabeledRows, counts: tuple[int, ...]) -> bool:
    """Whether some other class has fewer rows left than the smallest had."""
    least = data.targets.counts[data.minority]
    return any(count < least for position, count in enumerate(counts) if position != data.minority)
