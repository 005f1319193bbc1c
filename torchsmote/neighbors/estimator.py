"""The nearest neighbours behind scikit-learn's interface."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, issparse
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted, validate_data
from torch import Tensor

from torchsmote.neighbors.checks import as_matrix, check_choice, check_k
from torchsmote.neighbors.fitted import index_of, neighbors_in
from torchsmote.neighbors.search import Neighbors, knn

__all__ = ["KNeighbors"]


class KNeighbors(BaseEstimator):
    """The k nearest neighbours as a scikit-learn estimator, also usable inside imbalanced-learn.

    The answers are those of ``knn``: ``|q - r|`` or ``1 - cos``, ranked in float64, ties to the smaller
    index.
    As imbalanced-learn's ``k_neighbors=`` it must ask for one neighbour more, since that library drops the
    first column itself. With an approximate backend, ``fit`` builds the index, and every search uses it; a
    pickle holds it.

    Args:
        n_neighbors: How many neighbours, at least 1.
        metric: "euclidean" or "cosine".
        backend: As in ``knn``.
        device: Where to search, such as "cuda"; None is the device of the rows (numpy: the CPU).
        n_jobs: Not used, torch's own threads do the work; imbalanced-learn's under-samplers set it.

    Attributes:
        n_samples_fit_: Number of rows fitted.
        n_features_in_: Number of columns.
        recall_: Share of the ``n_neighbors`` nearest others that each fitted row finds: 1.0, or for an
            approximate backend as measured on at least 1,000 rows.

    >>> x = np.array([[0.0], [1.0], [3.0]])
    >>> KNeighbors(1).fit(x).kneighbors([[2.9]])
    (array([[0.1]]), array([[2]]))
    >>> KNeighbors(1).fit(x).kneighbors(return_distance=False).ravel().tolist()
    [1, 0, 1]
    """

    def __init__(
        self,
        n_neighbors: int = 5,
        *,
        metric: str = "euclidean",
        backend: str = "auto",
        device: Any = None,
        n_jobs: int | None = None,
    ) -> None:
        self.n_neighbors = n_neighbors
        self.metric = metric
        self.backend = backend
        self.device = device
        self.n_jobs = n_jobs

    def fit(self, X: Any, y: Any = None) -> KNeighbors:
        """Keep the rows to search in.

        Args:
            X: Rows (n, d): a tensor, or anything scikit-learn takes, dense or sparse; integers are searched
                as float64.
            y: Ignored.

        Returns:
            The estimator itself.
        """
        check_k(self.n_neighbors, "n_neighbors")
        self._fit_X = self._rows(X, reset=True)
        self._fit_tensor = isinstance(X, Tensor)
        self.n_samples_fit_, self.n_features_in_ = self._fit_X.shape
        self._index = index_of(self._fit_X, self.n_neighbors, self.metric, self.backend)
        self.recall_ = 1.0 if self._index is None else self._index.recall
        return self

    def kneighbors(self, X: Any = None, n_neighbors: int | None = None, return_distance: bool = True) -> Any:
        """The nearest fitted rows of each row of X, nearest first.

        Args:
            X: Rows (q, d); None asks for the neighbours of the fitted rows, each without itself.
            n_neighbors: How many; None for the estimator's own.
            return_distance: Whether to return distances too.

        Returns:
            Distances and indices, both (q, n_neighbors), or indices alone: tensors for a tensor, else numpy.

        Raises:
            ValueError: If there are fewer fitted rows than neighbours asked for.
        """
        check_is_fitted(self, "n_samples_fit_")
        k = check_k(self.n_neighbors if n_neighbors is None else n_neighbors, "n_neighbors")
        available = self.n_samples_fit_ - (X is None)
        if k > available:
            raise ValueError(
                f"Expected n_neighbors <= {available}, the fitted rows{' without self' * (X is None)}, "
                f"got n_neighbors = {k}, n_samples_fit = {self.n_samples_fit_}; "
                "ask for fewer or fit more rows"
            )
        found = self._found(None if X is None else self._rows(X, reset=False).to(self._fit_X), k)
        as_tensors = self._fit_tensor if X is None else isinstance(X, Tensor)
        distances, indices = found if as_tensors else (part.cpu().numpy() for part in found)
        return (distances, indices) if return_distance else indices

    def kneighbors_graph(
        self, X: Any = None, n_neighbors: int | None = None, mode: str = "connectivity"
    ) -> Any:
        """The neighbours as a sparse matrix.

        Args:
            X: As in ``kneighbors``.
            n_neighbors: As in ``kneighbors``.
            mode: "connectivity" for ones, "distance" for distances.

        Returns:
            scipy CSR matrix of shape (q, fitted rows).
        """
        check_choice(mode, ("connectivity", "distance"), "mode")
        distances, indices = (np.asarray(part) for part in self.kneighbors(X, n_neighbors))
        data = np.ones(indices.size) if mode == "connectivity" else distances.ravel()
        starts = np.arange(0, indices.size + 1, indices.shape[1])
        return csr_matrix((data, indices.ravel(), starts), shape=(len(indices), self.n_samples_fit_))

    def _found(self, query: Tensor | None, k: int) -> Neighbors:
        if self._index is not None:
            return neighbors_in(self._fit_X, self._index, query, k, self.metric)
        if query is None:
            return knn(self._fit_X, None, k, exclude_self=True, metric=self.metric, backend=self.backend)
        return knn(query, self._fit_X, k, metric=self.metric, backend=self.backend)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    def _rows(self, X: Any, reset: bool) -> Tensor:
        """X as a floating tensor on the device of the search."""
        if not isinstance(X, Tensor):
            X = validate_data(self, X, reset=reset, accept_sparse="csr", dtype=[np.float64, np.float32])
            X = X.toarray() if issparse(X) else X
        elif not (X.is_floating_point() or X.is_complex()):
            X = X.double()
        rows = as_matrix(X, "X")
        try:
            return rows if self.device is None else rows.to(self.device)
        except RuntimeError as error:
            raise ValueError(f"`device`={self.device!r} cannot hold the rows: {error}") from error
