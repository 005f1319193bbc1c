"""The rows of one search: which rows of a table, and how each becomes the float64 row that is ranked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["Rows", "slices"]


def slices(total: int, size: int) -> Iterator[slice]:
    """Cut ``range(total)`` into consecutive slices of at most ``size``."""
    for start in range(0, total, size):
        yield slice(start, min(start + size, total))


@dataclass(frozen=True)
class Rows:
    """Some rows of a table, without a copy.

    Attributes:
        table: Floating tensor of shape (n, d).
        index: int64 tensor of the rows meant, shape (m,), or None for all of them in order.
        factor: float64 tensor (n, 1) or a number; each row is multiplied by its own factor: 1 / norm for the
            cosine metric, a power of two where the squares would leave the range of float64.
    """

    table: Tensor
    index: Tensor | None = None
    factor: Tensor | float = 1.0

    def __len__(self) -> int:
        return len(self.table) if self.index is None else len(self.index)

    def at(self, positions: Tensor | slice) -> Tensor:
        """Numbers in ``table`` of the rows at ``positions`` (any shape)."""
        if self.index is not None:
            return self.index[positions]
        if isinstance(positions, slice):
            return torch.arange(positions.start, positions.stop, device=self.table.device)
        return positions

    def take(self, positions: Tensor | slice) -> Tensor:
        """The float64 rows at ``positions``, exactly as they are ranked, shape (*positions.shape, d)."""
        if isinstance(positions, slice) and self.index is None:
            return self._scaled(self.table[positions], positions)
        numbers = self.at(positions)
        rows = self.table.index_select(0, numbers.reshape(-1))
        return self._scaled(rows, numbers.reshape(-1)).view(*numbers.shape, self.table.shape[1])

    def _scaled(self, rows: Tensor, numbers: Tensor | slice) -> Tensor:
        rows = rows.to(torch.float64)
        if isinstance(self.factor, Tensor):
            return rows * self.factor[numbers]
        return rows if self.factor == 1.0 else rows * self.factor
