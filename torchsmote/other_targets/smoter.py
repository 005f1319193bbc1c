"""SMOTER: SMOTE for a continuous target."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor

from .regression import RegressionSampler

__all__ = ["SMOTER"]


class SMOTER(RegressionSampler):
    r"""SMOTE for regression: more rows with rare values of y, fewer with normal ones.

    A relevance function phi says from 0 to 1 how rare a value of y is. Sorted, y falls into bins: runs of
    values at or above ``relevance_threshold`` (rare) or below (normal). In each rare bin that is to grow,
    every row in turn is a base, with a uniform step u towards one of its k nearest rows of the bin. The
    target is the mean of both, weighted by the inverse of the distances d to them,

    .. math:: y = \frac{d_{neighbor} y_{base} + d_{base} y_{neighbor}}{d_{base} + d_{neighbor}}
              = y_{base} + u (y_{neighbor} - y_{base}),

    half-way where the two rows are equal. Rows of normal bins are left out at random.

    Resample the training split only, after scaling its features, and judge on data as they come. It trades
    the error at normal values for that at rare ones, and shifts predictions towards these: where all values
    count alike, do nothing; else compare with sample weights (phi, say), a transformed target or a loss that
    fits. Targets are blended as if y were linear between neighbours. A rare bin of a handful of rows holds
    little to interpolate.

    Memory: as `SMOTE`.

    Args:
        sampling_strategy: "balance" (default): bins of equal size, n / bins; "extreme": sizes turned round,
            in proportion to 1 / size. Both only add to rare bins and only take from normal ones. A float in
            (0, 1]: each rare bin has at least that share of the largest normal bin, which all stay. A dict of
            bin number, in ascending order of y, to final count (``fit`` shows the bins in ``bins_``).
        random_state: See `SMOTE`.
        k_neighbors: See `SMOTE`; default 5.
        relevance: "auto" (default): outliers of the box plot at both ends, see `Relevance.from_box_plot`;
            "low" or "high": at one end; control points, rows (value, relevance) or (value, relevance, slope),
            see `Relevance`; or a function from y, a float64 array (n,), to numbers in [0, 1].
        relevance_threshold: From which relevance on a value is rare, in (0, 1], default 0.8.
        under_sample: Whether bins may lose rows, default True.
        device: See `SMOTE`.
        backend: See `knn`.
        few_samples: A bin of fewer than k + 1 rows that is to grow; see `SMOTE`.
        constraint: See `SMOTE`; it sees rows of X, without their targets.
        max_redraws: See `SMOTE`.

    Attributes:
        sampling_strategy_: Bin -> synthetic rows asked for.
        bins_: For each bin, in ascending order of y: ``low, high, rare, n_rows, n_wanted``.
        relevance_: Relevance of each given row.
        relevance_function_: The relevance function.
        classes_: The bins' numbers.
        draws_: `Draws` of the synthetic rows, in output order; ``labels`` are bins.
        sample_indices_: Input row of each output row, -1 for a synthetic one.
        nn_k_: See `SMOTE`.

    Reference:
        Torgo, Ribeiro, Pfahringer and Branco, "SMOTE for regression", EPIA 2013. Bins, "balance" and
        "extreme" are those of the same group's later paper (see `SMOGN`) and R package UBL, but for two
        things: counts are exact, and a rare bin never shrinks.

    >>> import numpy as np
    >>> rng = np.random.RandomState(0)
    >>> X = rng.randn(100, 2)
    >>> y = np.where(X[:, 0] > 1, 10 * X[:, 0], X[:, 0])
    >>> sampler = SMOTER(k_neighbors=3, relevance="high", random_state=0)
    >>> X_new, y_new = sampler.fit_resample(X, y)
    >>> [(own.rare, own.n_rows, own.n_wanted) for own in sampler.bins_], y_new.shape
    ([(False, 74, 50), (True, 26, 50)], (100,))
    """

    def __init__(
        self,
        *,
        sampling_strategy: Any = "balance",
        random_state: Any = None,
        k_neighbors: Any = 5,
        relevance: Any = "auto",
        relevance_threshold: float = 0.8,
        under_sample: bool = True,
        device: Any = None,
        backend: str = "auto",
        few_samples: str = "raise",
        constraint: Callable[[Tensor], Tensor] | None = None,
        max_redraws: int = 20,
    ) -> None:
        self.sampling_strategy = sampling_strategy
        self.random_state = random_state
        self.k_neighbors = k_neighbors
        self.relevance = relevance
        self.relevance_threshold = relevance_threshold
        self.under_sample = under_sample
        self.device = device
        self.backend = backend
        self.few_samples = few_samples
        self.constraint = constraint
        self.max_redraws = max_redraws
