"""What two passes over a table tell of its columns; neither copies more than a part of it at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from .rules import CATEGORY_LIKE, MOSTLY_MISSING

__all__ = ["ColumnFacts", "measure_columns", "parts"]

_CHUNK = 1 << 21  # values at a time: 16 MiB in float64


@dataclass(frozen=True, eq=False)
class ColumnFacts:
    """Of each column of numbers.

    Attributes:
        low: Smallest finite value, shape (d,); NaN where there is none.
        high: Largest one.
        missing: Values that are NaN or infinite.
        infinite: Whether any value is infinite.
        whole: Whether all finite values are whole numbers.
        n_distinct: Distinct finite values; ``CATEGORY_LIKE + 1`` stands for more.
        mean: Mean of ``(x - low) / (high - low)``: no sum of it overflows or drowns in the mean.
        std: Standard deviation of the same; 0 where the column is constant.
        fisher: Variance between the means of the classes over variance within them; inf where the column
            alone tells all classes apart, NaN where it is constant.
    """

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    missing: NDArray[np.int64]
    infinite: bool
    whole: NDArray[np.bool_]
    n_distinct: NDArray[np.int64]
    mean: NDArray[np.float64]
    std: NDArray[np.float64]
    fisher: NDArray[np.float64]
    n_rows: int

    @property
    def constant(self) -> NDArray[np.bool_]:
        """Columns with one finite value, or none."""
        return ~(self.low < self.high)

    @property
    def measured(self) -> NDArray[np.bool_]:
        """Columns that take part in distances: neither constant nor mostly missing."""
        return ~self.constant & (self.missing < MOSTLY_MISSING * self.n_rows)

    def unit(self, values: NDArray[np.float64], columns: NDArray[np.int64]) -> NDArray[np.float64]:
        """``(x - low) / (high - low)`` of those columns, shape (m, columns); no step overflows."""
        low, high = self.low[columns] / 2, self.high[columns] / 2
        span: NDArray[np.float64] = (values / 2 - low) / np.where(high > low, high - low, 1)
        return span

    @property
    def spread(self) -> NDArray[np.float64]:
        """Standard deviation of each column in its own unit; inf where that is beyond float64."""
        with np.errstate(over="ignore"):
            return np.asarray(self.std * 2 * (self.high / 2 - self.low / 2))


def parts(n_rows: int, n_columns: int) -> Iterator[slice]:
    """Consecutive rows, so many that a copy of them in float64 is small."""
    size = max(1, _CHUNK // max(1, n_columns))
    return (slice(start, min(start + size, n_rows)) for start in range(0, n_rows, size))


def measure_columns(numbers: NDArray[np.floating], codes: NDArray[np.int64], n_classes: int) -> ColumnFacts:
    """Read a table twice.

    Args:
        numbers: Shape (n, d), NaN and infinities included.
        codes: Class of each row, shape (n,).
        n_classes: How many there are.
    """
    n, d = numbers.shape
    low, high = np.full(d, np.inf), np.full(d, -np.inf)
    missing, infinite = np.zeros(d, np.int64), False
    whole, distinct = np.ones(d, np.bool_), [np.empty(0, numbers.dtype) for _ in range(d)]
    for part in parts(n, d):
        values = numbers[part]
        bad = ~np.isfinite(values)
        if bad.any():
            missing += bad.sum(0)
            infinite = infinite or bool(np.isinf(values).any())
            values = np.where(bad, np.nan, values)
        low = np.fmin(low, np.fmin.reduce(values, axis=0))
        high = np.fmax(high, np.fmax.reduce(values, axis=0))
        whole[whole] = [_is_whole(values[:, column]) for column in np.flatnonzero(whole)]
        for column in np.flatnonzero([len(found) <= CATEGORY_LIKE for found in distinct]):
            distinct[column] = _more_distinct(distinct[column], values[:, column])
    n_distinct = np.array([min(len(found), CATEGORY_LIKE + 1) for found in distinct], np.int64)
    empty = ~(low <= high)
    low[empty] = high[empty] = np.nan
    zeros = np.zeros(d)
    facts = ColumnFacts(low, high, missing, infinite, whole, n_distinct, zeros, zeros, zeros, n)
    return _with_moments(facts, numbers, codes, n_classes)


def _is_whole(values: NDArray[np.floating]) -> bool:
    return bool(np.all((values == np.floor(values)) | np.isnan(values)))


def _more_distinct(found: NDArray[np.floating], values: NDArray[np.floating]) -> NDArray[np.floating]:
    """Distinct values so far; of what may be many, a few are looked at first."""
    for some in (values[:200], values):
        found = np.union1d(found, some[~np.isnan(some)])
        if len(found) > CATEGORY_LIKE:
            break
    return found


def _with_moments(
    facts: ColumnFacts, numbers: NDArray[np.floating], codes: NDArray[np.int64], n_classes: int
) -> ColumnFacts:
    """The second pass: sums by class and squares of the columns brought to [0, 1]."""
    d = numbers.shape[1]
    every = np.arange(d)
    sums, counts, squares = np.zeros((n_classes, d)), np.zeros((n_classes, d)), np.zeros(d)
    for part in parts(*numbers.shape):
        values = facts.unit(numbers[part].astype(np.float64), every)
        known = np.isfinite(values)
        values[~known] = 0
        own = codes[part]
        of_class = sparse.csr_matrix((np.ones(len(own)), (own, np.arange(len(own)))), (n_classes, len(own)))
        sums += of_class @ values
        counts += of_class @ known.astype(np.float64)
        squares += np.einsum("ij,ij->j", values, values)
    total = np.maximum(counts.sum(0), 1)
    mean = sums.sum(0) / total
    scatter = np.maximum(squares - total * mean**2, 0)
    means = sums / np.maximum(counts, 1)
    between = (counts * (means - mean) ** 2).sum(0)
    within = np.maximum(squares - (counts * means**2).sum(0), 0)
    within[within < 1e-12 * squares] = 0  # what rounding leaves of nothing
    with np.errstate(divide="ignore", invalid="ignore"):
        fisher = np.where(facts.constant, np.nan, between / within)
    std = np.where(facts.constant, 0, np.sqrt(scatter / total))
    return ColumnFacts(**{**vars(facts), "mean": mean, "std": std, "fisher": fisher})
