"""NearMiss: of the common classes, keep the rows that are near to the rare one."""

from __future__ import annotations

import warnings
from numbers import Integral
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..exceptions import FewSamplesWarning
from ..over_sampling.neighbor_argument import estimator_of
from ..parameters import N_JOBS, NEIGHBORS, Interval
from ..strategy import SamplingStrategy
from .base import LabeledRows, UnderSampler, by_class
from .nearest import distances_of, farthest_squared, modest_scale, nearest_among, nearest_by

__all__ = ["NearMiss"]


class NearMiss(UnderSampler):
    r"""Keep the rows of each common class with the smallest mean distance to rows of the smallest class.

    Version 1 means the distance to the k nearest of them, version 2 to the k farthest. Version 3 first takes
    the ``n_neighbors_ver3`` nearest rows around each row of the smallest class, and keeps of these the ones
    with the largest mean distance to their k nearest of the smallest class.

    Distances are searched in float64; of all pairs that version 2 looks at, 8 MiB are held at a time.

    Args:
        sampling_strategy: See `RandomUnderSampler`.
        version: 1, 2 or 3; default 1.
        n_neighbors: k, default 3; or an estimator with ``kneighbors`` set to k.
        n_neighbors_ver3: Rows taken around each row of the smallest class, default 3; or an estimator.
        n_jobs: See `TomekLinks`.
        device: Where to compute; None: the tensor's own device, else the CPU.
        backend: See `knn`.

    Attributes:
        sampling_strategy_: Class -> rows to keep.
        classes_: The classes, sorted.
        sample_indices_: Input row of each output row: class by class, best first in those that shrink.
        nn_: The estimator of `n_neighbors`.
        nn_ver3_: The estimator of `n_neighbors_ver3`, in version 3.

    Reference:
        Mani and Zhang, "kNN approach to unbalanced data distributions: a case study involving information
        extraction", ICML workshop on learning from imbalanced datasets, 2003.

    >>> import torch
    >>> X = torch.tensor([[0.0], [1.0], [2.0], [3.0], [4.0], [4.5]])
    >>> near = NearMiss(n_neighbors=2)
    >>> near.fit_resample(X, torch.tensor([0, 0, 0, 0, 1, 1]))[0].flatten().tolist()
    [3.0, 2.0, 4.0, 4.5]
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **UnderSampler._parameter_constraints,
        "version": [Interval(Integral, 1, 3, closed="both")],
        "n_neighbors": NEIGHBORS,
        "n_neighbors_ver3": NEIGHBORS,
        **N_JOBS,
    }

    def __init__(
        self,
        *,
        sampling_strategy: SamplingStrategy = "auto",
        version: int = 1,
        n_neighbors: Any = 3,
        n_neighbors_ver3: Any = 3,
        n_jobs: int | None = None,
        device: Any = None,
        backend: str = "auto",
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.version = version
        self.n_neighbors = n_neighbors
        self.n_neighbors_ver3 = n_neighbors_ver3
        self.n_jobs = n_jobs
        self.device = device
        self.backend = backend

    def _choose(self, data: LabeledRows) -> NDArray[np.int64]:
        self.nn_ = estimator_of(self.n_neighbors, self.backend, self.device, itself=0)
        if self.version == 3:
            self.nn_ver3_ = estimator_of(self.n_neighbors_ver3, self.backend, self.device, itself=0)
        positions = data.targets.positions(self.sampling_strategy_)
        self._check_counts(data, positions)
        table = modest_scale(data.rows)
        minority = table.index_select(0, data.of_class(data.minority))

        def best(position: int, rows: NDArray[np.int64]) -> NDArray[np.int64]:
            asked = table.index_select(0, data.of_class(position))
            key = data.targets.keys[position]
            choose = self._around if self.version == 3 else self._nearest_of
            return rows[choose(asked, minority, self.sampling_strategy_[key], key)]

        return by_class(data.targets, positions, best)

    def _nearest_of(self, asked: Tensor, minority: Tensor, count: int, key: Any) -> NDArray[np.int64]:
        """Versions 1 and 2: positions with the smallest means."""
        return self._sums(asked, minority).argsort(kind="stable")[:count]

    def _around(self, asked: Tensor, minority: Tensor, count: int, key: Any) -> NDArray[np.int64]:
        """Version 3: of the rows around the minority, positions with the largest means."""
        around = np.unique(self._nearest(self.n_neighbors_ver3, minority, asked)[1])
        if len(around) < count:
            warnings.warn(
                f"NearMiss: class {key!r} was to keep {count} rows, but only {len(around)} are among the "
                f"{self.nn_ver3_.n_neighbors} nearest of a row of the smallest class, and these are kept; "
                "raise n_neighbors_ver3 for more",
                FewSamplesWarning,
                stacklevel=7,
            )
        sums = self._sums(asked.index_select(0, torch.from_numpy(around).to(asked.device)), minority)
        return np.asarray(around[(-sums).argsort(kind="stable")[:count]])

    def _sums(self, asked: Tensor, minority: Tensor) -> NDArray[np.float64]:
        """K times the mean distance to the k nearest of the minority, in version 2 the farthest, (q,)."""
        k = min(self.nn_.n_neighbors, len(minority))
        if self.version != 2:
            distances = self._nearest(self.n_neighbors, asked, minority)[0]
        elif hasattr(self.n_neighbors, "kneighbors"):
            distances = nearest_by(self.n_neighbors, asked, minority, len(minority))[0][:, -k:]
        else:
            squared = farthest_squared(asked, minority, k)
            distances = distances_of(squared, minority, k).cpu().numpy()
        return np.asarray(distances.sum(1))

    def _nearest(self, neighbors: Any, asked: Tensor, seen: Tensor) -> tuple[NDArray[Any], NDArray[Any]]:
        """Distances and positions of neighbours, both (q, k)."""
        if hasattr(neighbors, "kneighbors"):
            return nearest_by(neighbors, asked, seen, neighbors.n_neighbors)
        squared, positions = nearest_among(asked, seen, neighbors, self.backend)
        return distances_of(squared, seen, neighbors).cpu().numpy(), positions.cpu().numpy()

    def _check_counts(self, data: LabeledRows, positions: list[int]) -> None:
        """Raise, or in version 2 warn, where a class has fewer rows than neighbours are asked for."""
        keys, counts = data.targets.keys, data.targets.counts
        needs = [("n_neighbors", self.nn_.n_neighbors, data.minority)]
        if self.version == 3:
            needs += [("n_neighbors_ver3", self.nn_ver3_.n_neighbors, position) for position in positions]
        for argument, k, position in needs:
            if counts[position] >= k:
                continue
            shortage = f"NearMiss: class {keys[position]!r} has {counts[position]} samples but {argument}={k}"
            if self.version != 2:
                raise ValueError(f"{shortage} needs {k}; lower {argument} to {counts[position]}")
            warnings.warn(f"{shortage}; the mean is over all of them", FewSamplesWarning, stacklevel=5)
