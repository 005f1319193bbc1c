"""Made data with exact class sizes, for tests and first tries."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.utils import Bunch

from ..random import check_seed

__all__ = ["make_imbalanced"]

_DISTANCE = 2.0  # between a class's centre and the origin, in standard deviations: classes overlap


def make_imbalanced(n: int, d: int, *, weights: Sequence[float], seed: int = 0) -> Bunch:
    """Make one Gaussian cloud per class, of exactly the asked sizes, rows in random order.

    Every cloud has unit variance; its centre lies 2 from the origin in a random direction, so the classes
    overlap, the more the smaller ``d``. Sizes are ``n * weights / sum(weights)``, rounded by largest
    remainder so that they add up to ``n``.

    Args:
        n: Rows in all.
        d: Columns, at least 1.
        weights: Share of each class, positive; normalised to sum to 1.
        seed: In [0, 2**64).

    Returns:
        Bunch with ``data`` (n, d) float32, ``target`` (n,) int64, ``groups`` None, ``feature_names`` and
        ``DESCR``.

    Raises:
        ValueError: If ``d`` is below 1, a weight is not positive and finite, or a class would be empty.

    >>> np.bincount(make_imbalanced(1000, 3, weights=[0.9, 0.07, 0.03]).target).tolist()
    [900, 70, 30]
    """
    if d < 1:
        raise ValueError(f"`d` must be at least 1, got {d}")
    counts = _class_counts(n, np.asarray(weights, dtype=float))
    rng = np.random.default_rng(check_seed(seed))
    directions = rng.standard_normal((len(counts), d))
    centers = _DISTANCE * directions / np.linalg.norm(directions, axis=1, keepdims=True)
    target = rng.permutation(np.repeat(np.arange(len(counts)), counts))
    return Bunch(
        data=(rng.standard_normal((n, d)) + centers[target]).astype(np.float32),
        target=target,
        groups=None,
        feature_names=[f"x{j}" for j in range(d)],
        DESCR=f"{len(counts)} Gaussian clouds in {d} dimensions, sizes {counts.tolist()}.",
    )


def _class_counts(n: int, weights: np.ndarray) -> np.ndarray:
    """Whole numbers in proportion to ``weights`` that sum to ``n`` (largest remainder)."""
    if weights.ndim != 1 or not len(weights) or not np.all(np.isfinite(weights) & (weights > 0)):
        raise ValueError(
            f"`weights` must be a non-empty list of positive numbers, one a class, got {weights.tolist()}"
        )
    exact = n * weights / weights.sum()
    counts: np.ndarray = np.floor(exact + 1e-9).astype(np.int64)
    short = n - int(counts.sum())
    counts[np.argsort(counts - exact, kind="stable")[:short]] += 1
    if counts.min() < 1:
        empty = int(counts.argmin())
        raise ValueError(f"`n`={n} leaves class {empty} (weight {weights[empty]:g}) without a row; raise `n`")
    return counts
