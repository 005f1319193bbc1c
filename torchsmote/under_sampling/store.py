"""A store of rows that classifies the others by its nearest: which are wrong, and which must join it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.neighbors import KNeighborsClassifier
from torch import Tensor

from ..devices import on_host
from ..neighbors.exact import exact_squared
from ..neighbors.rows import Rows
from .base import LabeledRows
from .nearest import nearest_among

__all__ = ["Store", "classifier_of"]

_CHUNK = 512  # rows classified at a time: the search is worth its call, and few of them are compared in vain


def classifier_of(neighbors: Any, n_jobs: int | None) -> Any:
    """The classifier that ``n_neighbors`` stands for: None is 1, an int is that many, an estimator is cloned.

    Raises:
        ValueError: If the estimator does not classify.
    """
    if hasattr(neighbors, "kneighbors"):
        if not hasattr(neighbors, "predict"):
            raise ValueError(
                f"`n_neighbors`={neighbors!r} does not classify; give an int or a KNeighborsClassifier"
            )
        return clone(neighbors)
    return KNeighborsClassifier(n_neighbors=1 if neighbors is None else int(neighbors), n_jobs=n_jobs)


def _votes_alike(classifier: Any) -> bool:
    """Whether it is what ``knn`` and a majority vote give: Euclidean, each neighbour with one vote."""
    params = classifier.get_params()
    is_euclidean = params.get("metric") == "euclidean" or (
        params.get("metric") == "minkowski" and params.get("p") == 2
    )
    return (
        type(classifier) is KNeighborsClassifier
        and params["weights"] == "uniform"
        and is_euclidean
        and not params["metric_params"]
    )


@dataclass(eq=False)
class Store:
    """Rows of one class and of the smallest, by which the other rows of the class are classified.

    Attributes:
        data: The table.
        table: Its rows at a modest scale, between which distances are compared, shape (n, d).
        position: The class.
        rows: Row numbers of the store, in the order in which they joined; ties go to the earlier.
        classifier: Says how many neighbours vote, or classifies itself where they do not vote alike.
        backend: See `knn`.
    """

    data: LabeledRows
    table: Tensor
    position: int
    rows: NDArray[np.int64]
    classifier: Any
    backend: str

    def fitted(self) -> Any:
        """The classifier, fitted to the store."""
        host = on_host(_taken(self.data.rows, self.rows))
        return clone(self.classifier).fit(host, self.data.targets.labels[self.rows])

    def misclassified(self, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of some rows of the class the store takes for another, shape (m,)."""
        if not len(rows):
            return np.zeros(0, dtype=bool)
        if not _votes_alike(self.classifier):
            label = self.data.targets.classes[self.position]
            return np.asarray(self.fitted().predict(on_host(_taken(self.data.rows, rows))) != label)
        return self._wrong(self._nearest(rows)[1])

    def condense(self, rows: NDArray[np.int64]) -> None:
        """One pass over all rows of the class: each that the store misclassifies joins it at once.

        A row whose place in the class is the number in the table of a row in the store is passed over, as in
        imbalanced-learn, where these two numberings meet.
        """
        passed = set(self.rows[self.data.targets.codes[self.rows] == self.position].tolist())
        joins = self._joining_by_votes if _votes_alike(self.classifier) else self._joining
        for start in range(0, len(rows), _CHUNK):
            joins(rows[start : start + _CHUNK], start, passed)

    def _joining(self, rows: NDArray[np.int64], start: int, passed: set[int]) -> None:
        """Classify anew after each row that joins."""
        after = 0
        while after < len(rows):
            wrong = self.misclassified(rows[after:]).nonzero()[0] + after
            place = next((place for place in wrong.tolist() if start + place not in passed), None)
            if place is None:
                return
            self.rows = np.append(self.rows, rows[place])
            passed.add(int(rows[place]))
            after = place + 1

    def _joining_by_votes(self, rows: NDArray[np.int64], start: int, passed: set[int]) -> None:
        """Classify once, then weigh each row that joins against the neighbours of the later ones.

        A row that joins only adds votes for its class, so a row that is right stays right.
        """
        squared, own = self._nearest(rows)
        places = self._wrong(own).nonzero()[0]
        squared, own, wrong = squared[places], own[places], np.ones(len(places), dtype=bool)
        between = self._between(rows[places])
        joined: list[int] = []
        for i, place in enumerate(places.tolist()):
            if not wrong[i] or start + place in passed:
                continue
            joined.append(int(rows[place]))
            passed.add(joined[-1])
            nearer = wrong[i + 1 :] & (between[i, i + 1 :] < squared[i + 1 :, -1])
            later = i + 1 + nearer.nonzero()[0]
            if len(later):
                squared[later], own[later] = _with_one_more(squared[later], own[later], between[i, later])
                wrong[later] = self._wrong(own[later])
        self.rows = np.append(self.rows, np.array(joined, dtype=np.int64))

    def _nearest(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Squared distances to the nearest in the store, and which of these are of the class, both (m, k)."""
        k = int(self.classifier.n_neighbors)
        squared, places = nearest_among(
            _taken(self.table, rows), _taken(self.table, self.rows), k, self.backend
        )
        of_class = self.data.targets.codes[self.rows] == self.position
        return squared.cpu().numpy(), of_class[places.cpu().numpy()]

    def _wrong(self, own: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which rows lose the vote; a tie goes to the class that comes first."""
        votes, k = own.sum(1), own.shape[1]
        tie_wins = self.position <= self.data.minority
        return np.asarray(2 * votes < k if tie_wins else 2 * votes <= k)

    def _between(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Squared distances of rows to one another."""
        taken = _taken(self.table, rows)
        every = torch.arange(len(rows), device=taken.device).expand(len(rows), -1)
        return np.asarray(exact_squared(taken.double(), Rows(taken), every).cpu().numpy())


def _taken(table: Tensor, rows: NDArray[np.int64]) -> Tensor:
    return table.index_select(0, torch.from_numpy(rows).to(table.device))


def _with_one_more(
    squared: NDArray[np.float64], own: NDArray[np.bool_], new: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The k nearest when a row of the class joins, after those as near, both (m, k)."""
    k = squared.shape[1]
    squared = np.concatenate((squared, new[:, None]), 1)
    own = np.concatenate((own, np.ones((len(own), 1), dtype=bool)), 1)
    order = squared.argsort(axis=1, kind="stable")[:, :k]
    return np.take_along_axis(squared, order, 1), np.take_along_axis(own, order, 1)
