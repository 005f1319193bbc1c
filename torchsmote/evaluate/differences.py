"""How far a mean over repeated splits can be trusted, and a paired difference of two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

__all__ = ["Difference", "corrected_interval", "holm", "paired_difference", "smallest_detected"]


@dataclass(frozen=True)
class Difference:
    """Mean over seeds of (method - opponent), each pair on one split with one seed.

    Attributes:
        mean: Mean of the differences.
        low: Lower end of the 95 % interval.
        high: Upper end.
        spread: Standard deviation of the differences over seeds.
        seeds: How many.
        p: Two-sided p-value of the same t statistic; 1 where all differences are 0.
    """

    mean: float
    low: float
    high: float
    spread: float
    seeds: int
    p: float = float("nan")

    @property
    def side(self) -> str:
        """Where the 95 % interval lies: "above" 0, "below" 0, or "" where it holds 0."""
        return "above" if self.low > 0 else "below" if self.high < 0 else ""

    @property
    def exceeds_spread(self) -> bool:
        """Whether the mean difference is larger than its spread over seeds."""
        return abs(self.mean) > self.spread


def paired_difference(
    method: Sequence[float], opponent: Sequence[float], *, test_per_train: float
) -> Difference:
    r"""Mean difference with a 95 % t interval, corrected for training parts that overlap.

    .. math:: \bar d \pm t_{0.975, n-1} \sqrt{\left(\tfrac1n + \tfrac{n_{test}}{n_{train}}\right) s^2}

    The plain t interval (``test_per_train=0``) takes the seeds as independent, but any two of them train on
    shared rows, and it is too narrow then.

    Args:
        method: A metric of the method, one value a seed, shape (n,).
        opponent: The same of the opponent, in the same order of seeds.
        test_per_train: Test rows per training row.

    Raises:
        ValueError: If lengths differ or are below 2.

    Reference:
        Nadeau and Bengio, "Inference for the generalization error", Machine Learning 52, 2003.

    >>> paired_difference([0.3, 0.5], [0.2, 0.3], test_per_train=0).mean
    0.15
    """
    if len(method) != len(opponent) or len(method) < 2:
        raise ValueError(
            f"`method` and `opponent` need the same seeds, at least 2, got {len(method)} and {len(opponent)}"
        )
    return corrected_interval(np.subtract(method, opponent).tolist(), test_per_train=test_per_train)


def corrected_interval(values: Sequence[float], *, test_per_train: float) -> Difference:
    """Mean of values over splits with the 95 % t interval of `paired_difference`, and its p-value against 0.

    Args:
        values: One a split, shape (n,), n at least 2.
        test_per_train: Test rows per training row.

    >>> found = corrected_interval([0.1, 0.2, 0.3], test_per_train=0)
    >>> [round(value, 3) for value in (found.low, found.mean, found.high)]
    [-0.048, 0.2, 0.448]
    """
    n = len(values)
    mean, spread = float(np.mean(values)), float(np.std(values, ddof=1))
    error = spread * (1 / n + test_per_train) ** 0.5
    half = float(stats.t.ppf(0.975, n - 1)) * error
    p = float(2 * stats.t.sf(abs(mean) / error, n - 1)) if error else float(mean == 0)
    return Difference(mean, mean - half, mean + half, spread, n, p)


def holm(p: Sequence[float]) -> list[float]:
    """P-values adjusted for being several: the chance of any false alarm among all stays below the level.

    The smallest of m is multiplied by m, the next by m - 1, and so on; none gets smaller than one before it.
    NaN stays NaN and does not count.

    Args:
        p: Unadjusted, shape (m,).

    Reference:
        Holm, "A simple sequentially rejective multiple test procedure", Scand. J. Statistics 6, 1979.

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    values = np.asarray(p, dtype=np.float64)
    order = np.argsort(values, kind="stable")[: int((~np.isnan(values)).sum())]  # NaN are sorted last
    adjusted = np.full(len(values), np.nan)
    factors = np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(values[order] * factors), 1.0)
    return [float(value) for value in adjusted]


def smallest_detected(found: Difference, among: int) -> float:
    """How far from 0 a mean must be, at the spread found, to be the one that Holm's correction detects.

    Args:
        found: One of the differences tested.
        among: How many are tested; the smallest p-value must be below 0.05 divided by that.

    >>> found = corrected_interval([-0.1, 0.1, 0.3], test_per_train=0)
    >>> half = (found.high - found.low) / 2
    >>> round(smallest_detected(found, 1) / half, 3), round(smallest_detected(found, 2) / half, 3)
    (1.0, 1.442)
    """
    plain, adjusted = stats.t.ppf([0.975, 1 - 0.025 / among], found.seeds - 1)
    return float((found.high - found.low) / 2 * adjusted / plain)
