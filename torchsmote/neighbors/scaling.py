"""By what rows are divided before they are compared, so that squares neither overflow nor vanish.

All divisors but a norm are powers of two: dividing by them changes no digit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from torchsmote.neighbors.checks import check_directions, check_finite
from torchsmote.neighbors.rows import Rows, slices

__all__ = ["Extent", "comparable", "scaled_rows", "smallest_size", "true_distances", "unit_rows"]

_CHUNK = 1 << 20
_PEAK = 500  # float64 squares of 2**500 leave room for sums; 2**-500 still has a square that is normal
_MODEST = 2.0**50  # float32 squares up to here, and down to its inverse, are far from both ends


@dataclass(frozen=True)
class Extent:
    """The range of sizes of all rows that are compared with one another: what they are divided by follows.

    Attributes:
        peak: The largest absolute value.
        smallest: The smallest one but 0; inf where it does not matter, which is in all but float64.
    """

    peak: float = 0.0
    smallest: float = math.inf

    @classmethod
    def of(cls, matrix: Tensor, name: str, first: int = 0) -> Extent:
        """The extent of some rows.

        Args:
            matrix: Floating, shape (n, d).
            name: The argument, for messages.
            first: The number of the first row, for messages.

        Raises:
            ValueError: If a value is NaN or infinite.
        """
        peak = check_finite(matrix, name, first)
        # In float32 even the smallest values have squares in float64.
        return cls(peak, smallest_size(matrix) if matrix.dtype == torch.float64 else math.inf)

    def __or__(self, other: Extent) -> Extent:
        """The extent of both."""
        return Extent(max(self.peak, other.peak), min(self.smallest, other.smallest))


def comparable(matrix: Tensor, metric: str, extent: Extent, name: str) -> tuple[Rows, float]:
    """Rows as they are ranked, and what their distances are multiplied by.

    Args:
        matrix: Finite rows.
        metric: "euclidean" or "cosine".
        extent: Of all rows that they are compared with, their own included.
        name: The argument, for messages.

    Raises:
        ValueError: If a row of zeros has no cosine.
    """
    if metric == "cosine":
        return unit_rows(matrix, name), 1.0
    return scaled_rows(matrix, extent.peak, extent.smallest)


def true_distances(squared: Tensor, metric: str, scale: float) -> Tensor:
    """Distances, float64, from squared ones of rows that `comparable` divided."""
    return squared / 2 if metric == "cosine" else squared.sqrt() * scale


def smallest_size(matrix: Tensor) -> float:
    """The smallest absolute value but 0 of a finite matrix; inf where there is none."""
    smallest = math.inf
    for part in slices(len(matrix), max(1, _CHUNK // matrix.shape[1])):
        sizes = matrix[part].abs()
        smallest = min(smallest, float(torch.where(sizes > 0, sizes, math.inf).amin()))
    return smallest


def scaled_rows(matrix: Tensor, peak: float, smallest: float) -> tuple[Rows, float]:
    """Rows for the Euclidean metric, and by what they were divided.

    The peak comes to 2**500, far above the range of float32: so values down to 2**-1000 of it still count.

    Args:
        matrix: Finite rows.
        peak: The largest absolute value of all rows that are compared.
        smallest: The smallest one but 0; only needed of float64 rows.
    """
    if peak == 0.0 or (1.0 / _MODEST < peak < _MODEST and smallest > 2.0**-400):
        return Rows(matrix), 1.0
    divisor = 2.0 ** max(-1000, math.frexp(peak)[1] - _PEAK)
    return Rows(matrix, None, (divisor,), is_wide=True), divisor


def unit_rows(matrix: Tensor, name: str) -> Rows:
    """Rows of length 1, for the cosine metric: each first divided to about 1 by a power of two of its own."""
    sizes, norms = torch.empty((2, len(matrix), 1), dtype=torch.float64, device=matrix.device)
    for part in slices(len(matrix), max(1, _CHUNK // matrix.shape[1])):
        rows = matrix[part].to(torch.float64)
        peaks = rows.abs().amax(1, keepdim=True)
        check_directions(peaks, part.start, name)
        sizes[part] = peaks / (2.0 * torch.frexp(peaks).mantissa)
        norms[part] = (rows / sizes[part]).norm(dim=1, keepdim=True)
    return Rows(matrix, None, (sizes, norms))
