"""How the methods of the table door find neighbours: one search a fit, with the messages of its resampler."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from numpy.typing import NDArray
from sklearn.base import clone
from torch import Tensor

from ..devices import on_host
from ..exceptions import FewSamplesWarning
from ..neighbors import neighbors_among
from .neighbor_argument import count_of

__all__ = ["NeighborSearch"]


@dataclass(frozen=True, eq=False)
class NeighborSearch:
    """The search of one fit: the same rows, the same messages, whatever finds the neighbours.

    A table that is not in memory as a whole, or not on this rank, has a search of its own, which gives
    ``device``, ``n_rows`` and ``found``, and refuses ``rows``; then every method that asks for nothing else
    works on it.

    Attributes:
        rows: The table, floating point, shape (n, d).
        backend: See `knn`.
        owner: Name of the resampler, for messages.
        few_samples: What to do when there are fewer rows than k + 1: "raise", "shrink" or "duplicate".
        group: What the rows that are searched together are called in messages.
    """

    rows: Tensor
    backend: str
    owner: str
    few_samples: str = "raise"
    group: str = "class"

    @cached_property
    def recalls(self) -> list[float]:
        """What share of the true neighbours each approximate search found so far."""
        return []

    @property
    def recall(self) -> float:
        """The lowest recall of its searches so far; see `Neighbors`."""
        return min(self.recalls, default=1.0)

    @property
    def device(self) -> torch.device:
        """Where neighbours are searched."""
        return self.rows.device

    @property
    def n_rows(self) -> int:
        """How many rows the table has."""
        return len(self.rows)

    @cached_property
    def on_host(self) -> NDArray[Any]:
        """The table for estimators that are not ours: float32 or float64, shape (n, d)."""
        return on_host(self.rows)

    def nearest(self, neighbors: Any, queries: Tensor, references: Tensor | None, argument: str) -> Tensor:
        """Neighbours of table rows among table rows (None: all), each without itself, shape (q, k).

        Raises:
            ValueError: If there are fewer than k others.
        """
        n = self.n_rows if references is None else len(references)
        k = count_of(neighbors)
        if n < k + 1:
            raise ValueError(
                f"{self.owner}: the table has {n} rows but {argument}={k} needs {k + 1}; "
                f"lower {argument} to {n - 1}"
            )
        if hasattr(neighbors, "kneighbors"):
            return self._by_estimator(neighbors, queries, references)
        return self.found(k, queries, references)

    def nearest_of_class(
        self, neighbors: Any, queries: Tensor, members: Tensor, label: Any, argument: str, *, place: str = ""
    ) -> Tensor:
        """Neighbours of a class's rows within the class, shape (q, k); fewer columns for few samples.

        ``place`` says in messages where the members are, if they are not all of the class.
        """
        n, k = len(members), count_of(neighbors)
        if n >= k + 1:
            return self.nearest(neighbors, queries, members, argument)
        shortage = (
            f"{self.owner}: {self.group} {label!r}{place} has {n} samples but {argument}={k} needs {k + 1}"
        )
        if self.few_samples == "raise":
            lower = f'lower {argument} to {n - 1}, set few_samples="shrink"'
            remedy = lower if n > 1 else 'set few_samples="duplicate"'
            raise ValueError(f"{shortage}; {remedy} or collect more")
        if self.few_samples == "shrink" and n > 1:
            warnings.warn(f"{shortage}; its {n - 1} other samples are used", FewSamplesWarning, stacklevel=7)
            fewer = clone(neighbors).set_params(n_neighbors=n) if hasattr(neighbors, "kneighbors") else n - 1
            return self.nearest(fewer, queries, members, argument)
        warnings.warn(f"{shortage}; its samples are repeated as they are", FewSamplesWarning, stacklevel=7)
        return queries.unsqueeze(1)

    def found(self, k: int, queries: Tensor, references: Tensor | None) -> Tensor:
        """The k nearest of ``references`` (None: all rows), each query without itself, shape (q, k).

        Args:
            k: Fewer than there are references.
            queries: Rows of the table, int64, shape (q,).
            references: Rows of the table, int64, shape (r,), each once.
        """
        found = neighbors_among(self.rows, k, queries=queries, references=references, backend=self.backend)
        self.recalls.append(found.recall)
        return found.indices

    def _by_estimator(self, estimator: Any, queries: Tensor, references: Tensor | None) -> Tensor:
        host = self.on_host
        chosen: Any = slice(None) if references is None else references.cpu().numpy()
        fitted = clone(estimator).fit(host[chosen])
        columns = fitted.kneighbors(host[queries.cpu().numpy()], return_distance=False)
        found = torch.as_tensor(columns, device=queries.device)
        if references is not None:
            found = references[found]
        # The row itself may stand in any column, or in none where it has twins: then the last one goes.
        itself = found == queries.unsqueeze(1)
        itself[:, -1] |= ~itself.any(1)
        return found[~itself].reshape(len(found), -1)
