"""One-sided selection: drop rows of a common class that are redundant, then those in Tomek links."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from .base import LabeledRows
from .condensed import SeededSampler
from .store import Store
from .tomek import in_links

__all__ = ["OneSidedSelection"]


class OneSidedSelection(SeededSampler):
    """Keep the seeds of a common class and what they misclassify, then remove its rows in Tomek links.

    Rows that all of the smallest class and ``n_seeds_S`` random rows of the common one classify correctly are
    taken for redundant.

    Args:
        sampling_strategy: See `TomekLinks`.
        random_state: See `CondensedNearestNeighbour`.
        n_neighbors: Neighbours that vote, default (None) 1; or a ``KNeighborsClassifier``.
        n_seeds_S: Random rows of the common class to start from, default 1.
        n_jobs: See `TomekLinks`.
        device: Where to compute; None: the tensor's own device, else the CPU.
        backend: See `knn`.

    Attributes:
        sampling_strategy_: The classes to clean.
        classes_: The classes, sorted.
        sample_indices_: Input row of each output row: class by class, seeds first, then ascending.
        estimators_: For each cleaned class, the classifier fitted to the smallest class and the seeds.

    Reference:
        Kubat and Matwin, "Addressing the curse of imbalanced training sets: one-sided selection", ICML 1997.

    >>> import torch
    >>> X = torch.tensor([[0.0], [1.0], [2.0], [3.0], [3.5], [4.5], [5.0]])
    >>> oss = OneSidedSelection(random_state=0)
    >>> oss.fit_resample(X, torch.tensor([0, 0, 0, 0, 0, 1, 1]))[0].flatten().tolist()
    [3.5, 4.5, 5.0]
    """

    def _grow(self, store: Store, rows: NDArray[np.int64], seeds: NDArray[np.int64]) -> NDArray[np.int64]:
        others = np.delete(rows, seeds)
        return others[store.misclassified(others)]

    def _choose(self, data: LabeledRows) -> NDArray[np.int64]:
        kept = super()._choose(data)
        rows = torch.from_numpy(kept).to(data.rows.device)
        goes = in_links(data.rows.index_select(0, rows), data.codes[rows], self.backend)
        goes &= data.in_classes(data.targets.positions(self.sampling_strategy_))[rows]
        return np.asarray(kept[(~goes).cpu().numpy()])
