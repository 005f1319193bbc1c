"""Edited nearest neighbours: remove the rows that their neighbours contradict."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ..over_sampling.neighbor_argument import estimator_of
from ..over_sampling.neighbor_search import NeighborSearch
from ..parameters import N_JOBS, NEIGHBORS, StrOptions
from ..strategy import CleaningStrategy, classes_to_clean
from .base import CleaningSampler, LabeledRows
from .editing import Editing

__all__ = ["EditedNearestNeighbours", "EditingSampler"]


class EditingSampler(CleaningSampler):
    """Base class of the methods that remove rows which their neighbours contradict."""

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **CleaningSampler._parameter_constraints,
        "n_neighbors": NEIGHBORS,
        "kind_sel": [StrOptions({"all", "mode"})],
        **N_JOBS,
    }

    n_neighbors: Any
    kind_sel: str

    def _choose(self, data: LabeledRows) -> NDArray[np.int64]:
        self.nn_ = estimator_of(self.n_neighbors, self.backend, self.device)
        return self._edit(data)

    @abstractmethod
    def _edit(self, data: LabeledRows) -> NDArray[np.int64]:
        """Remove rows of the targeted classes."""

    def _editing(self, data: LabeledRows, neighbors: Any, spare: int) -> Editing:
        return Editing(data, neighbors, spare, NeighborSearch(data.rows, self.backend, type(self).__name__))

    def _pass(self, editing: Editing, k: int) -> bool:
        """Edit once. The strategy is read anew, as another class may be the smallest by now."""
        targets = editing.targets
        asked = classes_to_clean(self.sampling_strategy, targets)
        return editing.remove(targets.positions(asked), k, self.kind_sel)


class EditedNearestNeighbours(EditingSampler):
    r"""Remove the rows that disagree with the classes of their neighbours.

    .. math:: x \text{ stays} \iff y_j = y_x \text{ for all } j \in kNN(x) \;(\text{"all"}), \quad
        \operatorname{mode}_{j \in kNN(x)} y_j = y_x \;(\text{"mode"})

    Args:
        sampling_strategy: See `TomekLinks`.
        n_neighbors: Neighbours that judge, default 3; or an estimator with ``kneighbors`` that counts the row
            itself, so one that is set to k + 1.
        kind_sel: "all": a row goes if any neighbour is of another class; "mode": if the most frequent class
            of its neighbours is another (of equally frequent ones, the first in sorted order).
        n_jobs: See `TomekLinks`.
        device: Where to compute; None: the tensor's own device, else the CPU.
        backend: See `knn`.

    Attributes:
        sampling_strategy_: The classes to clean.
        classes_: The classes, sorted.
        sample_indices_: Input row of each output row: class by class, ascending in each.
        nn_: The estimator given as `n_neighbors`, or a `KNeighbors` of k + 1.

    Reference:
        Wilson, "Asymptotic properties of nearest neighbor rules using edited data", IEEE Transactions on
        Systems, Man and Cybernetics 2, 1972.

    >>> import torch
    >>> X = torch.tensor([[0.0], [1.0], [2.1], [9.0], [9.3], [9.8]])
    >>> enn = EditedNearestNeighbours(n_neighbors=2)
    >>> enn.fit_resample(X, torch.tensor([0, 0, 0, 1, 0, 1]))[0].flatten().tolist()
    [0.0, 1.0, 2.0999999046325684, 9.0, 9.800000190734863]
    """

    def __init__(
        self,
        *,
        sampling_strategy: CleaningStrategy = "auto",
        n_neighbors: Any = 3,
        kind_sel: str = "all",
        n_jobs: int | None = None,
        device: Any = None,
        backend: str = "auto",
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.n_neighbors = n_neighbors
        self.kind_sel = kind_sel
        self.n_jobs = n_jobs
        self.device = device
        self.backend = backend

    def _edit(self, data: LabeledRows) -> NDArray[np.int64]:
        editing = self._editing(data, self.n_neighbors, 0)
        self._pass(editing, editing.k)
        return editing.sample_indices
