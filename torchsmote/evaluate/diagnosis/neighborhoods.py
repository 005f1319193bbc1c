"""Who stands around the rows of each class: safe, in danger, or noise; and how often the nearest is wrong."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .rules import DANGER, K
from .sampling import chosen, even_parts, query_count
from .standardized import SearchedRows

__all__ = ["Neighborhoods", "search_neighborhoods"]


@dataclass(frozen=True, eq=False)
class Neighborhoods:
    """The neighbours of some rows among all rows.

    Attributes:
        queries: The rows, as places in `SearchedRows`, shape (q,).
        labels: Class of each.
        distances: To its nearest rows, float32, shape (q, k).
        enemies: Whether each of them is of another class, bool, shape (q, k).
        counts: Rows of each class that could be searched, shape (c,).
    """

    queries: NDArray[np.int64]
    labels: NDArray[np.int64]
    distances: NDArray[np.float32]
    enemies: NDArray[np.bool_]
    counts: NDArray[np.int64]

    @property
    def k(self) -> int:
        """Neighbours of each row."""
        return int(self.enemies.shape[1])

    @property
    def weights(self) -> NDArray[np.float64]:
        """Rows of the table that each query stands for, shape (q,)."""
        asked = np.bincount(self.labels, minlength=len(self.counts))
        return np.asarray((self.counts / np.maximum(asked, 1))[self.labels])

    def of_class(self, position: int) -> NDArray[np.int64]:
        """Which queries are of a class."""
        return np.flatnonzero(self.labels == position)

    def shares(self, position: int) -> tuple[float, float, float] | None:
        """Safe, danger and noise of a class; None where none of its rows could be searched."""
        own = self.enemies[self.of_class(position)].sum(1)
        if not len(own):
            return None
        noise = float((own == self.k).mean())
        safe = float(((own < DANGER * self.k) & (own < self.k)).mean())
        return safe, max(0.0, round(1 - safe - noise, 12)), noise

    def error_of(self, position: int) -> float | None:
        """How often the nearest row is of another class, for a class of two rows or more; else None."""
        if self.counts[position] < 2:
            return None
        return float(self.enemies[self.of_class(position), 0].mean())

    @property
    def error(self) -> float | None:
        """Mean of ``error_of`` over classes of two rows or more."""
        wrong = [own for position in range(len(self.counts)) if (own := self.error_of(position)) is not None]
        return float(np.mean(wrong)) if len(wrong) > 1 else None

    @property
    def relative_error(self) -> float | None:
        """``error`` over that of guessing among the same classes."""
        judged = int((self.counts > 1).sum())
        return None if self.error is None else self.error / (1 - 1 / judged)

    @property
    def chance(self) -> float:
        """Standard error of ``relative_error`` where classes are mixed at random; no more than that.

        Two rows that are each other's nearest are right or wrong together, which at most doubles a variance.
        """
        judged = np.flatnonzero(self.counts > 1)
        asked = np.bincount(self.labels, minlength=len(self.counts))[judged]
        right = (self.counts[judged] - 1) / (self.counts.sum() - 1)
        variance = float((2 * right * (1 - right) / asked).sum())
        return float(np.sqrt(variance)) / max(len(judged) - 1, 1)


def search_neighborhoods(
    searched: SearchedRows, n_classes: int, rng: np.random.Generator
) -> Neighborhoods | None:
    """Search the neighbours of up to ``query_count`` rows in all rows; None where there is nothing to search.

    Args:
        searched: The rows.
        n_classes: Classes of the table.
        rng: Where the rows are drawn from, if there are more.
    """
    counts = np.bincount(searched.labels, minlength=n_classes)
    if len(searched) < 2 or not searched.width:
        return None
    by_class = np.argsort(searched.labels, kind="stable")
    starts = counts.cumsum() - counts
    taken = even_parts(counts, query_count(len(searched)))
    picked = [
        chosen(by_class[start : start + count], take, rng)
        for start, count, take in zip(starts, counts, taken, strict=True)
    ]
    queries = np.sort(np.concatenate(picked))
    found = searched.nearest(min(K, len(searched) - 1), queries)
    labels = searched.labels[queries]
    enemies = searched.labels[found.indices.numpy()] != labels[:, None]
    return Neighborhoods(queries, labels, found.distances.numpy(), enemies, counts)
