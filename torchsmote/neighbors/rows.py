"""The rows of one search: which rows of a table, and the two forms in which they are compared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["Problem", "Rows", "slices"]

_CHUNK = 1 << 20  # elements worked on at a time: 8 MiB of float64


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
        divisor: float64 tensor (n, 1) or a number; each row is divided by its own: by its norm for the cosine
            metric, by a power of two where squares would leave the range of the number format.
    """

    table: Tensor
    index: Tensor | None = None
    divisor: Tensor | float = 1.0

    def __len__(self) -> int:
        return len(self.table) if self.index is None else len(self.index)

    @property
    def width(self) -> int:
        """Number of columns."""
        return self.table.shape[1]

    def only(self, index: Tensor | None) -> Rows:
        """These rows of the table alone; None for what it is now."""
        return self if index is None else Rows(self.table, index, self.divisor)

    def at(self, positions: Tensor | slice) -> Tensor:
        """Row numbers in ``table`` of the rows at ``positions`` (any shape)."""
        if self.index is not None:
            return self.index[positions]
        if isinstance(positions, slice):
            return torch.arange(positions.start, positions.stop, device=self.table.device)
        return positions

    def take(self, positions: Tensor | slice) -> Tensor:
        """The float64 rows at ``positions``, exactly as they are ranked, shape (*positions.shape, d)."""
        rows, numbers = self._raw(positions)
        rows = rows.to(torch.float64)
        if isinstance(self.divisor, Tensor):
            rows = rows / self.divisor[numbers]
        elif self.divisor != 1.0:
            rows = rows / self.divisor
        return rows if isinstance(positions, slice) else rows.view(*positions.shape, self.width)

    def centered(self, positions: Tensor | slice, center: Tensor) -> Tensor:
        """The rows at ``positions`` less ``center``, rounded once to float32.

        For float32 rows the centre is float32 too: the difference then has one rounding, of relative size
        2**-24, whatever the centre; that is what the certificate assumes.
        """
        if self.table.dtype == torch.float32 and self.is_plain:
            return self._raw(positions)[0] - center.to(torch.float32)
        return (self.take(positions) - center).to(torch.float32)

    @property
    def is_plain(self) -> bool:
        """Whether rows are ranked as they are, undivided."""
        return not isinstance(self.divisor, Tensor) and self.divisor == 1.0

    def mean(self) -> Tensor:
        """Mean of the rows, accumulated in float64, shape (d,); in float32 rows rounded to float32."""
        total = torch.zeros(self.width, dtype=torch.float64, device=self.table.device)
        for part in slices(len(self), max(1, _CHUNK // self.width)):
            total += self.take(part).sum(0)
        mean = total / max(1, len(self))
        return mean.to(self.table.dtype).double() if self.is_plain else mean

    def are_whole(self) -> bool:
        """Whether all entries are whole numbers and rows are ranked as they are; most tables fail at once."""
        if not self.is_plain:
            return False
        size = max(1, _CHUNK // self.width)
        parts = [slice(0, min(16, len(self))), *slices(len(self), size)]
        return all(torch.equal(rows, rows.round()) for rows in (self._raw(part)[0] for part in parts))

    def _raw(self, positions: Tensor | slice) -> tuple[Tensor, Tensor | slice]:
        if self.index is None and isinstance(positions, slice):
            return self.table[positions], positions
        numbers = self.at(positions).reshape(-1)
        return self.table.index_select(0, numbers), numbers


@dataclass(frozen=True)
class Problem:
    """One search without conditions: the k nearest of ``seen`` to each of ``asked``, k <= len(seen).

    Attributes:
        asked: The query rows.
        seen: The rows searched.
        center: float64 (d,): subtracted from both, so that float32 products keep their precision.
        k: How many neighbours.
        whole: Whether all rows and the centre hold whole numbers only: then ties are common, and where
            float32 products are exact a backend may rely on it.
    """

    asked: Rows
    seen: Rows
    center: Tensor
    k: int
    whole: bool

    @property
    def is_self(self) -> bool:
        """Whether the rows asked are the rows searched, in the same order."""
        one, other = self.asked, self.seen
        if one.table is not other.table or len(one) != len(other):
            return False
        same = one.index is other.index
        return same or (
            one.index is not None and other.index is not None and torch.equal(one.index, other.index)
        )

    @classmethod
    def of(cls, asked: Rows, seen: Rows, k: int) -> Problem:
        """Choose the centre: the mean of the rows searched, rounded where all rows are whole numbers."""
        whole = seen.are_whole() and asked.are_whole()
        center = seen.mean()
        return cls(asked, seen, center.round() if whole else center, k, whole)
