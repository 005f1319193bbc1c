"""Where "nearest" stops meaning anything: intrinsic dimension, hubs, and distances that are all alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .findings import Finding, Severity
from .rules import HIGH_DIMENSION, HUBNESS, JITTER, K_GEOMETRY, LOW_CONTRAST, SPREAD
from .sampling import chosen
from .snippets import Snippets
from .standardized import SearchedRows
from .table import Table
from .words import amount, plural

__all__ = ["Geometry", "high_dimension", "hubness", "measure_geometry"]


@dataclass(frozen=True)
class Geometry:
    """Of the standardised rows, or a sample of them, among themselves.

    Attributes:
        dimension: Intrinsic dimension (Levina 2004); None where too many rows repeat.
        hubness: Skewness of how often a row is among the nearest of others; None where all are alike.
        contrast: Mean distance over mean distance to the nearest; None where that is 0.
        n_rows: Rows looked at.
    """

    dimension: float | None
    hubness: float | None
    contrast: float | None
    n_rows: int


def measure_geometry(searched: SearchedRows, rng: np.random.Generator) -> Geometry | None:
    """Measure up to ``SPREAD`` rows; None where there are too few, or nothing to measure.

    Args:
        searched: The rows.
        rng: Draws them, and the pairs for the mean distance.
    """
    if len(searched) < 2 * K_GEOMETRY or not searched.width:
        return None
    rows = chosen(np.arange(len(searched)), SPREAD, rng)
    found = searched.nearest(K_GEOMETRY, rows, rows)
    distances = found.distances.numpy().astype(np.float64)
    occurrences = np.bincount(np.searchsorted(rows, found.indices.numpy().ravel()), minlength=len(rows))
    order = rng.permutation(rows)
    mean = float(searched.apart(order, np.roll(order, 1)).mean())  # of as many pairs, none a row and itself
    nearest = float(distances[:, 0].mean())
    contrast = mean / nearest if nearest > JITTER * mean else None
    return Geometry(_dimension(distances), _skewness(occurrences), contrast, len(rows))


def _dimension(distances: NDArray[np.float64]) -> float | None:
    """Levina and Bickel's estimate from rows whose nearest are apart: the inverse of the mean log ratio."""
    apart = distances[distances[:, 0] > 10 * JITTER]
    if len(apart) < K_GEOMETRY:
        return None
    mean = float(np.log(apart[:, -1:] / apart[:, :-1]).mean())
    return 1 / mean if mean > 0 else None


def _skewness(counts: NDArray[np.int64]) -> float | None:
    centered = counts - counts.mean()
    spread = float(np.sqrt((centered**2).mean()))
    return float((centered**3).mean() / spread**3) if spread else None


def high_dimension(table: Table, geometry: Geometry | None, snippets: Snippets) -> Finding | None:
    """Many dimensions, low contrast, or more columns than rows."""
    d = len(table.features.names)
    dimension = None if geometry is None else geometry.dimension
    contrast = None if geometry is None else geometry.contrast
    flat = contrast is not None and contrast < LOW_CONTRAST
    high = dimension is not None and dimension >= HIGH_DIMENSION
    wide = d > len(table)
    if not (flat or high or wide):
        return None
    sentences = []
    if dimension is not None:
        sentences.append(f"the rows spread over about {dimension:.0f} dimensions")
    if contrast is not None:
        sentences.append(f"an average row is {amount(contrast)} times as far away as the nearest")
    if wide:
        sentences.append(f"there are more columns ({d:,}) than rows ({len(table):,})")
    message = "; ".join(sentences)
    severity: Severity = "problem" if flat else "warning"
    action = "Select or compress columns before neighbours are searched."
    value = dimension if dimension is not None else float(d)
    return Finding(
        "high_dimension", severity, value, f"{message[0].upper()}{message[1:]}.", action, snippets.compress()
    )


def hubness(geometry: Geometry | None, snippets: Snippets) -> Finding | None:
    """A few rows that are among the nearest of very many others."""
    if geometry is None or geometry.hubness is None or geometry.hubness < HUBNESS:
        return None
    message = (
        f"A few rows are among the {K_GEOMETRY} nearest of very many others: over "
        f"{plural(geometry.n_rows, 'row')}, that count has a skewness of {amount(geometry.hubness)}."
    )
    action = "Select or compress columns; synthetic rows would crowd around these hubs."
    return Finding("hubness", "warning", geometry.hubness, message, action, snippets.compress())
