"""A continuous target as bins of rare and normal values, and how many rows each is to have."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..targets import Targets

__all__ = ["Bin", "Bins", "bins_of", "rows_wanted"]


class Bin(NamedTuple):
    """Neighbouring values of y that are all rare or all normal.

    Attributes:
        low: Smallest value in it.
        high: Largest value in it.
        rare: Whether their relevance is at least the threshold.
        n_rows: Rows of the given table.
        n_wanted: Rows after resampling.
    """

    low: float
    high: float
    rare: bool
    n_rows: int
    n_wanted: int


@dataclass(frozen=True, eq=False)
class Bins(Targets):
    """Values of y, float64, in bins: ``classes`` are the bins' numbers, in ascending order of y.

    Attributes:
        rare: Which bins are rare.
        limits: Smallest and largest value of each bin.
        whole: The dtype of y where it holds whole numbers.
    """

    rare: tuple[bool, ...]
    limits: tuple[tuple[float, float], ...]
    whole: np.dtype[Any] | None


def bins_of(values: NDArray[np.float64], rare: NDArray[np.bool_], whole: np.dtype[Any] | None = None) -> Bins:
    """Cut the sorted values wherever rare ones follow normal ones, or the other way round.

    Args:
        values: The target, shape (n,).
        rare: Which rows are rare, shape (n,).
        whole: See `Bins`.

    >>> bins_of(np.array([5.0, 1.0, 9.0, 2.0]), np.array([False, False, True, False])).counts
    (3, 1)
    """
    order = values.argsort(kind="stable")
    in_order = rare[order]
    starts = np.flatnonzero(np.diff(in_order, prepend=~in_order[:1]))
    counts = np.diff(starts, append=len(values))
    codes = np.empty(len(values), dtype=np.int64)
    codes[order] = np.repeat(np.arange(len(starts)), counts)
    edges = values[order[starts]], values[order[starts + counts - 1]]
    return Bins(
        values,
        np.arange(len(starts)),
        codes,
        tuple(counts.tolist()),
        tuple(in_order[starts].tolist()),
        tuple(zip(*(edge.tolist() for edge in edges), strict=True)),
        whole,
    )


def rows_wanted(strategy: Any, bins: Bins, under_sample: bool) -> tuple[int, ...]:
    """How many rows each bin is to have.

    Args:
        strategy: "balance", "extreme", a ratio, or a mapping of bin to final count; see `SMOTER`.
        bins: The bins.
        under_sample: Whether a bin may lose rows.

    Raises:
        ValueError: If a bin is unknown, a count negative or, without ``under_sample``, below what the bin
            has, or a ratio adds no row.
        TypeError: If a count is not a whole number.
    """
    if isinstance(strategy, Mapping):
        return _from_mapping(strategy, bins, under_sample)
    if not isinstance(strategy, str):
        return _from_ratio(float(strategy), bins)
    n, size = sum(bins.counts), np.array(bins.counts)
    even = round(n / len(size))
    goals = np.full(len(size), even)
    if strategy == "extreme":
        goals = np.maximum(1, np.rint(even * len(size) * (1 / size) / (1 / size).sum()).astype(int))
    fewer = np.minimum(goals, size) if under_sample else size
    return tuple(np.where(bins.rare, np.maximum(goals, size), fewer).tolist())


def _from_ratio(ratio: float, bins: Bins) -> tuple[int, ...]:
    most = max(count for count, rare in zip(bins.counts, bins.rare, strict=True) if not rare)
    goal = math.floor(ratio * most + 1e-9)
    wanted = tuple(
        max(count, goal) if rare else count for count, rare in zip(bins.counts, bins.rare, strict=True)
    )
    if wanted == bins.counts:
        raise ValueError(
            f"`sampling_strategy`={ratio} adds no row: each rare bin has {goal} rows or more already; "
            f"give a larger ratio; the bins have {list(bins.counts)} rows"
        )
    return wanted


def _from_mapping(strategy: Mapping[Any, Any], bins: Bins, under_sample: bool) -> tuple[int, ...]:
    wanted = list(bins.counts)
    for key, count in strategy.items():
        if key not in bins.keys:
            raise ValueError(
                f"`sampling_strategy` names the bin {key!r}, but y has the bins {bins.keys}, with "
                f"{list(bins.counts)} rows"
            )
        if type(count) is bool or not hasattr(count, "__index__"):
            raise TypeError(f"`sampling_strategy` gives bin {key!r} the count {count!r}; it must be an int")
        if count < 0:
            raise ValueError(f"`sampling_strategy` gives bin {key!r} {count}; a count cannot be negative")
        if count < bins.counts[key] and not under_sample:
            raise ValueError(
                f"`sampling_strategy` asks for {count} rows of bin {key!r}, which has {bins.counts[key]}; "
                "with under_sample=False ask for at least that many, or set under_sample=True"
            )
        wanted[key] = int(count)
    return tuple(wanted)
