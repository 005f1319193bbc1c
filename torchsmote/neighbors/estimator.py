"""Exact neighbours behind scikit-learn's interface."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator

from torchsmote.neighbors.checks import check_k
from torchsmote.neighbors.search import knn

__all__ = ["KNeighbors"]


class KNeighbors(BaseEstimator):
    """Exact k nearest neighbours as a scikit-learn estimator."""

    def __init__(
        self, n_neighbors: int = 5, *, metric: str = "euclidean", backend: str = "auto", device: Any = None
    ) -> None:
        self.n_neighbors = n_neighbors
        self.metric = metric
        self.backend = backend
        self.device = device

    def fit(self, X: Any, y: Any = None) -> KNeighbors:
        """Keep the rows to search in."""
        check_k(self.n_neighbors, "n_neighbors")
        self._fit_X = self._rows(X)
        self.n_samples_fit_, self.n_features_in_ = self._fit_X.shape
        return self

    def kneighbors(self, X: Any = None, n_neighbors: int | None = None, return_distance: bool = True) -> Any:
        """The nearest fitted rows of each row of X; without X, of each fitted row, itself left out."""
        k = check_k(self.n_neighbors if n_neighbors is None else n_neighbors, "n_neighbors")
        available = self.n_samples_fit_ - (X is None)
        if k > available:
            raise ValueError(f"`n_neighbors` must be at most {available}, the fitted rows; got {k}")
        query, reference = (self._fit_X, None) if X is None else (self._rows(X), self._fit_X)
        found = knn(
            query, reference, k, exclude_self=X is None, metric=self.metric, backend=self.backend
        )
        distances, indices = found.distances.cpu().numpy(), found.indices.cpu().numpy()
        return (distances, indices) if return_distance else indices

    def kneighbors_graph(self, X: Any = None, n_neighbors: int | None = None, mode: str = "connectivity") -> Any:
        """The neighbours as a sparse matrix (queries, fitted rows)."""
        distances, indices = self.kneighbors(X, n_neighbors)
        data = np.ones(indices.size) if mode == "connectivity" else distances.ravel()
        starts = np.arange(0, indices.size + 1, indices.shape[1])
        return csr_matrix((data, indices.ravel(), starts), shape=(len(indices), self.n_samples_fit_))

    def _rows(self, X: Any) -> torch.Tensor:
        values: NDArray[Any] | torch.Tensor = X if isinstance(X, torch.Tensor) else np.asarray(X)
        rows = torch.as_tensor(values)
        if not rows.is_floating_point():
            rows = rows.double()
        return rows if self.device is None else rows.to(self.device)
