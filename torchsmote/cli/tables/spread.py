"""Standard deviation of a column that comes block by block."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Spread"]


@dataclass
class Spread:
    """What the finite values so far tell (Chan, Golub and LeVeque 1983).

    Attributes:
        count: How many they are.
        mean: Their mean.
        squares: Sum of their squared distances from it.
        low: The smallest.
        high: The largest.

    >>> spread = Spread()
    >>> for block in ([1.0, 2.0], [3.0, 4.0, float("nan")]):
    ...     spread.add(np.array(block))
    >>> spread.deviation, float(np.std([1.0, 2.0, 3.0, 4.0]))
    (1.118033988749895, 1.118033988749895)
    """

    count: int = 0
    mean: float = 0.0
    squares: float = 0.0
    low: float = np.inf
    high: float = -np.inf

    def add(self, values: NDArray[Any]) -> None:
        """Add a block, shape (n,); what is not finite does not count."""
        values = values[np.isfinite(values)].astype(np.float64)
        if not len(values):
            return
        with np.errstate(over="ignore", invalid="ignore"):  # of values near the end of float64
            self.low = min(self.low, float(values.min()))
            self.high = max(self.high, float(values.max()))
            mean = float(values.mean())
            total, apart = self.count + len(values), mean - self.mean
            values -= mean
            # No dot product: threads of a BLAS would spin between columns as short as these.
            self.squares += float((values * values).sum()) + apart**2 * self.count * len(values) / total
            self.mean += apart * len(values) / total
        self.count = total

    @property
    def is_scaled(self) -> bool:
        """Whether it has a scale to compare: it is neither constant nor an indicator of 0 and 1."""
        return 0 < self.deviation < np.inf and (self.low, self.high) != (0, 1)

    @property
    def deviation(self) -> float:
        """Standard deviation; 0 of a constant column, and NaN where it is beyond float64."""
        return float(np.sqrt(self.squares / self.count)) if self.count else 0.0
