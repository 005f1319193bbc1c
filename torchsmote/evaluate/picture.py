"""A picture of rows in two dimensions, real and synthetic ones, by principal components."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA

__all__ = ["Picture", "project"]

_LONGEST = 2000  # points of each kind: more are a blot, and a page carries them all


@dataclass(frozen=True)
class Picture:
    """Points of a scatter plot; plain values, so that a file can hold them.

    Attributes:
        title: What it shows.
        x: First principal component of each point.
        y: Second one.
        labels: Class of each point, as text.
        synthetic: Whether each point is a synthetic row.
        explained: Share of the real rows' variance along the two axes.
        note: Which rows were left out, if any.
    """

    title: str
    x: list[float]
    y: list[float]
    labels: list[str]
    synthetic: list[bool]
    explained: tuple[float, float]
    note: str = ""


def project(
    title: str,
    real: NDArray[Any],
    labels: Sequence[str],
    synthetic: NDArray[Any] | None = None,
    synthetic_labels: Sequence[str] = (),
    *,
    seed: int = 0,
) -> Picture:
    """Project rows on the two principal components of the real ones.

    Args:
        title: What it shows.
        real: Standardised rows without NaN, shape (n, d).
        labels: Class of each, as text.
        synthetic: Rows on the same scale, shape (m, d).
        synthetic_labels: Class of each.
        seed: Of the choice of rows where there are more than 2,000 of a kind; classes keep at least a tenth.

    >>> project("two", np.eye(3), ["a", "a", "b"]).labels
    ['a', 'a', 'b']
    """
    rng = np.random.default_rng(seed)
    rows, names = _some(real, np.asarray(labels, dtype=str), rng)
    more = np.empty((0, real.shape[1])) if synthetic is None else synthetic
    made, made_names = _some(more, np.asarray(synthetic_labels, dtype=str), rng)
    n_axes = min(2, *real.shape)
    with np.errstate(invalid="ignore"):  # equal rows have no variance to have shares of
        pca = PCA(n_components=n_axes, svd_solver="full").fit(rows)
    points = np.concatenate([pca.transform(part) for part in (rows, made) if len(part)])
    points = np.pad(points, ((0, 0), (0, 2 - n_axes)))
    shares = [*np.nan_to_num(pca.explained_variance_ratio_).tolist(), 0.0][:2]
    shown, whole = len(rows) + len(made), len(real) + len(more)
    note = f"{shown:,} of {whole:,} rows, drawn at random" if shown < whole else ""
    x, y = points.round(4).T.tolist()
    marks = [False] * len(rows) + [True] * len(made)
    return Picture(title, x, y, [*names.tolist(), *made_names.tolist()], marks, (shares[0], shares[1]), note)


def _some(
    rows: NDArray[Any], labels: NDArray[np.str_], rng: np.random.Generator
) -> tuple[NDArray[Any], NDArray[np.str_]]:
    """Up to ``_LONGEST`` rows; of each class at least a tenth of that, where it has so many."""
    if len(rows) <= _LONGEST:
        return rows, labels
    kept: list[int] = []
    for name in np.unique(labels):
        own = np.flatnonzero(labels == name)
        count = max(round(_LONGEST * len(own) / len(rows)), _LONGEST // 10)
        kept += rng.choice(own, min(count, len(own)), replace=False).tolist()
    kept.sort()
    return rows[kept], labels[kept]
