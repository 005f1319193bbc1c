"""Condensed nearest neighbour: keep the rows of a common class that the rows kept so far misclassify."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_random_state

from ..parameters import COUNT, N_JOBS, NEIGHBORS, RANDOM_STATE
from ..random import host_state
from ..strategy import CleaningStrategy
from .base import CleaningSampler, LabeledRows, by_class
from .nearest import modest_scale
from .store import Store, classifier_of

__all__ = ["CondensedNearestNeighbour", "SeededSampler"]


class SeededSampler(CleaningSampler):
    """Base class of the methods that start a store from the smallest class and a few rows of another."""

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **CleaningSampler._parameter_constraints,
        **RANDOM_STATE,
        "n_neighbors": [*NEIGHBORS, None],
        "n_seeds_S": COUNT,
        **N_JOBS,
    }

    def __init__(
        self,
        *,
        sampling_strategy: CleaningStrategy = "auto",
        random_state: Any = None,
        n_neighbors: Any = None,
        n_seeds_S: int = 1,
        n_jobs: int | None = None,
        device: Any = None,
        backend: str = "auto",
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.n_neighbors = n_neighbors
        self.n_seeds_S = n_seeds_S
        self.n_jobs = n_jobs
        self.device = device
        self.backend = backend

    def _choose(self, data: LabeledRows) -> NDArray[np.int64]:
        classifier = classifier_of(self.n_neighbors, self.n_jobs)
        state = check_random_state(host_state(self.random_state))
        minority, table = data.targets.rows_of(data.minority), modest_scale(data.rows)
        self.estimators_: list[Any] = []
        self._check_count(classifier.n_neighbors, data)

        def chosen(position: int, rows: NDArray[np.int64]) -> NDArray[np.int64]:
            places = state.randint(low=0, high=len(rows), size=self.n_seeds_S)
            seeds = rows[places]
            started = np.concatenate((minority, seeds))
            store = Store(data, table, position, started, classifier, self.backend)
            kept = self._grow(store, rows, places)
            self.estimators_.append(store.fitted())
            return np.concatenate((seeds, kept))

        return by_class(data.targets, data.targets.positions(self.sampling_strategy_), chosen)

    @abstractmethod
    def _grow(self, store: Store, rows: NDArray[np.int64], seeds: NDArray[np.int64]) -> NDArray[np.int64]:
        """Rows of a class that stay beside its seeds, which are given by their places in ``rows``."""

    def _check_count(self, k: int, data: LabeledRows) -> None:
        count = data.targets.counts[data.minority]
        if count + self.n_seeds_S < k:
            raise ValueError(
                f"{type(self).__name__}: class {data.targets.keys[data.minority]!r} has {count} samples, "
                f"with n_seeds_S={self.n_seeds_S} fewer than n_neighbors={k}; lower n_neighbors to "
                f"{count + self.n_seeds_S} or raise n_seeds_S"
            )


class CondensedNearestNeighbour(SeededSampler):
    """Keep what a nearest neighbour classifier needs: of each common class, the rows that it gets wrong.

    The store starts with all rows of the smallest class and ``n_seeds_S`` random rows of the common one. In
    one pass over the class in order, each row that the store misclassifies joins it, and so helps to classify
    the rows after it. Rows are classified in blocks: within one, a row that joins is compared with the later
    ones that were wrong.

    Args:
        sampling_strategy: See `TomekLinks`.
        random_state: None, an int or a RandomState (the rows of imbalanced-learn 0.14), or a torch.Generator,
            which gives a seed.
        n_neighbors: Neighbours that vote, default (None) 1; or a ``KNeighborsClassifier``. One with weights
            or a metric of its own is fitted again for each row that joins.
        n_seeds_S: Random rows of the common class to start from, default 1.
        n_jobs: See `TomekLinks`.
        device: Where to compute; None: the tensor's own device, else the CPU.
        backend: See `knn`.

    Attributes:
        sampling_strategy_: The classes to clean.
        classes_: The classes, sorted.
        sample_indices_: Input row of each output row: class by class, seeds first, then in the order joined.
        estimators_: For each cleaned class, the classifier fitted to its store.

    Reference:
        Hart, "The condensed nearest neighbor rule", IEEE Transactions on Information Theory 14, 1968.

    >>> import torch
    >>> X = torch.tensor([[0.0], [1.0], [2.0], [3.0], [4.0], [4.4], [5.0]])
    >>> cnn = CondensedNearestNeighbour(random_state=0)
    >>> cnn.fit_resample(X, torch.tensor([0, 0, 0, 0, 0, 1, 1]))[0].flatten().tolist()
    [4.0, 4.400000095367432, 5.0]
    """

    def _grow(self, store: Store, rows: NDArray[np.int64], seeds: NDArray[np.int64]) -> NDArray[np.int64]:
        started = len(store.rows)
        store.condense(rows)
        return store.rows[started:]
