"""Neighbourhood cleaning rule: edit the common classes, then remove what outvotes rows of the rare one."""

from __future__ import annotations

from numbers import Real
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.neighbors import NearestNeighbors
from torch import Tensor

from ..devices import on_host
from ..over_sampling.neighbor_argument import estimator_of
from ..over_sampling.neighbor_search import NeighborSearch
from ..parameters import N_JOBS, NEIGHBORS, HasMethods, Interval
from ..resampler import Resampler
from ..strategy import CleaningStrategy
from .base import CleaningSampler, LabeledRows
from .edited import EditedNearestNeighbours
from .editing import Editing, contradicted

__all__ = ["NeighbourhoodCleaningRule"]


class NeighbourhoodCleaningRule(CleaningSampler):
    """Remove rows of the common classes that their neighbours outvote, and those that outvote a rare row.

    First the targeted classes are edited (`EditedNearestNeighbours` by mode). Then each row of the smallest
    class is classified by its k nearest rows, itself the first of them; where that goes wrong, its k nearest
    others go as well, as far as they are of a class in ``classes_to_clean_``. Both steps look at the table as
    given, and their neighbours are searched once.

    Args:
        sampling_strategy: See `TomekLinks`.
        edited_nearest_neighbours: A resampler with ``sample_indices_`` for the first step; None: the editing
            by mode.
        n_neighbors: k, default 3; or an estimator: a ``NearestNeighbors`` set to k + 1, since it counts the
            row itself, or a ``KNeighborsClassifier`` set to k, which classifies in the second step.
        threshold_cleaning: In the second step, classes with more rows than this many times the smallest's
            are cleaned; default 0.5.
        n_jobs: See `TomekLinks`.
        device: Where to compute; None: the tensor's own device, else the CPU.
        backend: See `knn`.

    Attributes:
        sampling_strategy_: The classes to clean.
        classes_: The classes, sorted.
        sample_indices_: Input row of each output row, ascending.
        edited_nearest_neighbours_: The resampler of the first step.
        nn_: The estimator of `n_neighbors`.
        classes_to_clean_: Classes cleaned in the second step.

    Reference:
        Laurikkala, "Improving identification of difficult small classes by balancing class distribution",
        AIME 2001.

    >>> import torch
    >>> X = torch.tensor([[0.0], [1.0], [2.1], [3.0], [8.8], [9.0], [9.3], [11.0]])
    >>> y = torch.tensor([0, 0, 0, 0, 0, 1, 0, 1])
    >>> NeighbourhoodCleaningRule().fit_resample(X, y)[1].tolist()
    [0, 0, 0, 0, 1, 1]
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **CleaningSampler._parameter_constraints,
        "edited_nearest_neighbours": [HasMethods(["fit_resample"]), None],
        "n_neighbors": NEIGHBORS,
        "threshold_cleaning": [Interval(Real, 0, None, closed="neither")],
        **N_JOBS,
    }

    def __init__(
        self,
        *,
        sampling_strategy: CleaningStrategy = "auto",
        edited_nearest_neighbours: Any = None,
        n_neighbors: Any = 3,
        threshold_cleaning: float = 0.5,
        n_jobs: int | None = None,
        device: Any = None,
        backend: str = "auto",
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.edited_nearest_neighbours = edited_nearest_neighbours
        self.n_neighbors = n_neighbors
        self.threshold_cleaning = threshold_cleaning
        self.n_jobs = n_jobs
        self.device = device
        self.backend = backend

    def _choose(self, data: LabeledRows) -> NDArray[np.int64]:
        self.nn_ = estimator_of(self.n_neighbors, self.backend, self.device)
        search = NeighborSearch(data.rows, self.backend, type(self).__name__)
        editing = Editing(data, _unsupervised(self.n_neighbors), 0, search)
        targeted = data.targets.positions(self.sampling_strategy_)
        if self.edited_nearest_neighbours is None:  # one search for both steps
            editing.neighbors(data.in_classes([*targeted, data.minority]).nonzero()[:, 0], editing.k)
        goes = self._outvoters(data, editing)
        goes &= data.in_classes(self._classes_to_clean(data, targeted))
        goes |= self._edited(data, editing, targeted)
        return np.flatnonzero((~goes).cpu().numpy())

    def _classes_to_clean(self, data: LabeledRows, targeted: list[int]) -> list[int]:
        targets = data.targets
        least = min(targets.counts) * self.threshold_cleaning
        cleaned = [position for position in targeted if targets.counts[position] > least]
        cleaned.sort(key=lambda position: int(targets.rows_of(position)[0]))
        self.classes_to_clean_ = [targets.keys[position] for position in cleaned]
        return cleaned

    def _outvoters(self, data: LabeledRows, editing: Editing) -> Tensor:
        """Which rows are neighbours of a row of the smallest class that its neighbours misclassify."""
        rare, given = data.of_class(data.minority), self.n_neighbors
        own, near = data.codes[rare], editing.neighbors(rare, editing.k)
        if hasattr(given, "predict"):
            host = on_host(data.rows)
            predicted = clone(given).fit(host, data.targets.codes).predict(host[rare.cpu().numpy()])
            wrong = torch.from_numpy(predicted).to(own.device) != own
        else:
            votes = torch.cat((own.unsqueeze(1), data.codes[near[:, :-1]]), 1)
            wrong = contradicted(own, votes, "mode")
        outvoters = torch.zeros_like(data.codes, dtype=torch.bool)
        outvoters[near[wrong].flatten()] = True
        return outvoters

    def _edited(self, data: LabeledRows, editing: Editing, targeted: list[int]) -> Tensor:
        """Which rows the first step removes."""
        if self.edited_nearest_neighbours is None:
            editing.remove(targeted, editing.k, "mode")
            self.edited_nearest_neighbours_ = EditedNearestNeighbours(
                sampling_strategy=self.sampling_strategy,
                n_neighbors=self.n_neighbors,
                kind_sel="mode",
                n_jobs=self.n_jobs,
                device=self.device,
                backend=self.backend,
            )
            self.edited_nearest_neighbours_.sample_indices_ = editing.sample_indices
            return ~editing.there
        cleaner = self.edited_nearest_neighbours_ = clone(self.edited_nearest_neighbours)
        cleaner.fit_resample(
            data.rows if isinstance(cleaner, Resampler) else on_host(data.rows), data.targets.labels
        )
        goes = torch.ones_like(editing.there)
        goes[torch.as_tensor(cleaner.sample_indices_, device=goes.device)] = False
        return goes


def _unsupervised(neighbors: Any) -> Any:
    """A classifier's search as one without labels, which counts the row itself."""
    if not hasattr(neighbors, "predict"):
        return neighbors
    plain = NearestNeighbors()
    shared = {name: value for name, value in neighbors.get_params().items() if name in plain.get_params()}
    return plain.set_params(**{**shared, "n_neighbors": neighbors.n_neighbors + 1})
