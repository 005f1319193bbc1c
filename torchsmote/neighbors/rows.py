"""The rows of one search: which rows of a table, and the two forms in which they are compared."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor

__all__ = ["Problem", "Rows", "slices"]

_SAMPLE = 257  # rows that a centre is taken from: any centre is right, a good one leaves less to settle
_CUT = 2.0**50  # its square is far from float32's largest number
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
        divisors: By what rows are divided, one after the other, before they are ranked: numbers, or float64
            tensors (n, 1) with one for each row of the table.
        is_wide: Whether values so divided may leave the range of float32.
        codes: Categories beside the numbers, as int32 numbers that no two columns share, shape (n, c); None:
            there are none.
        mismatch: What a category that differs adds to the squared distance of the rows so divided.
    """

    table: Tensor
    index: Tensor | None = None
    divisors: tuple[Tensor | float, ...] = ()
    is_wide: bool = False
    codes: Tensor | None = None
    mismatch: float = 0.0

    def __len__(self) -> int:
        return len(self.table) if self.index is None else len(self.index)

    @property
    def width(self) -> int:
        """Number of columns, categories included."""
        return self.table.shape[1] + (0 if self.codes is None else self.codes.shape[1])

    def only(self, index: Tensor | None) -> Rows:
        """These rows of the table alone; None for what it is now."""
        return self if index is None else replace(self, index=index)

    def block(self, part: slice) -> Rows:
        """Some consecutive ones of these rows, uncopied; without an index, they are a table of their own."""
        if self.index is not None:
            return replace(self, index=self.index[part])
        divisors = tuple(own[part] if isinstance(own, Tensor) else own for own in self.divisors)
        codes = None if self.codes is None else self.codes[part]
        return replace(self, table=self.table[part], divisors=divisors, codes=codes)

    def are_those_of(self, other: Rows) -> bool:
        """Whether these are the rows that the other ones are, in the same order."""
        if self.table is not other.table or len(self) != len(other):
            return False
        same = self.index is other.index
        return same or (
            self.index is not None and other.index is not None and torch.equal(self.index, other.index)
        )

    def at(self, positions: Tensor | slice) -> Tensor:
        """Row numbers in ``table`` of the rows at ``positions`` (any shape)."""
        if self.index is not None:
            return self.index[positions]
        if isinstance(positions, slice):
            return torch.arange(positions.start, positions.stop, device=self.table.device)
        return positions

    def take(self, positions: Tensor | slice) -> Tensor:
        """The float64 rows at ``positions``, exactly as they are ranked, shape (*positions.shape, width).

        Codes stand at the right, as numbers: two rows are equal where their numbers and categories are.
        """
        rows = self.numbers(positions)
        if self.codes is not None:
            rows = torch.cat((rows, self.codes_at(positions).to(torch.float64)), 1)
        return rows if isinstance(positions, slice) else rows.view(*positions.shape, self.width)

    def numbers(self, positions: Tensor | slice) -> Tensor:
        """The numbers alone of the rows at ``positions``, float64, flattened to (m, d)."""
        rows, numbers = self.raw(positions)
        rows = rows.to(torch.float64)
        for divisor in self.divisors:
            rows = rows / (divisor[numbers] if isinstance(divisor, Tensor) else divisor)
        return rows

    def codes_at(self, positions: Tensor | slice) -> Tensor:
        """The categories alone, flattened to (m, c); only where there are any."""
        assert self.codes is not None
        if self.index is None and isinstance(positions, slice):
            return self.codes[positions]
        return self.codes.index_select(0, self.at(positions).reshape(-1))

    def squared(self, difference: Tensor) -> Tensor:
        """Squared lengths of differences of rows, shape (..., width), which are overwritten."""
        if self.codes is None:
            return difference.square_().sum(-1)
        d = self.table.shape[1]
        # Counted before it is multiplied: equal counts must tie, whichever the columns are.
        coded = difference[..., d:].count_nonzero(-1).to(torch.float64).mul_(self.mismatch)
        # Contiguous, since the order of a sum, and so its rounding, may depend on the memory's layout.
        return coded.add_(difference[..., :d].contiguous().square_().sum(-1))

    @property
    def is_plain(self) -> bool:
        """Whether rows are ranked as they are, undivided."""
        return not self.divisors

    def sample(self) -> Tensor:
        """The numbers of some rows spread evenly, as they are ranked."""
        spread = torch.arange(min(_SAMPLE, len(self)), device=self.table.device)
        return self.numbers(spread * (len(self) - 1) // max(1, len(spread) - 1))

    def are_whole(self) -> bool:
        """Whether all entries are whole numbers and rows are ranked as they are; most tables fail at once."""
        if not self.is_plain or self.codes is not None:
            return False
        size = max(1, _CHUNK // max(1, self.width))
        parts = [slice(0, min(16, len(self))), *slices(len(self), size)]
        return all(torch.equal(rows, rows.round()) for rows in (self.raw(part)[0] for part in parts))

    def raw(self, positions: Tensor | slice) -> tuple[Tensor, Tensor | slice]:
        """The undivided rows at ``positions``, flattened to (m, d), and their numbers in ``table``.

        Half precision comes in float32, which holds every value of it: so no copy of the whole is needed.
        """
        numbers: Tensor | slice
        if self.index is None and isinstance(positions, slice):
            rows, numbers = self.table[positions], positions
        else:
            numbers = self.at(positions).reshape(-1)
            rows = self.table.index_select(0, numbers)
        return rows.float() if rows.element_size() < 4 else rows, numbers


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
        shrink: By what wide rows are divided further, as float32 has a smaller range; a power of two.
    """

    asked: Rows
    seen: Rows
    center: Tensor
    k: int
    whole: bool
    shrink: float = 1.0

    @property
    def is_self(self) -> bool:
        """Whether the rows asked are the rows searched, in the same order."""
        return self.asked.are_those_of(self.seen)

    @classmethod
    def of(cls, asked: Rows, seen: Rows, k: int) -> Problem:
        """Choose centre and shrinkage by the middle of the rows: far outliers do not move it."""
        whole = seen.are_whole() and asked.are_whole()
        sample = seen.sample()
        center = _middle(sample)  # an entry of the table: whole numbers and float32 remain what they are
        shrink = 1.0
        if seen.is_wide:
            sizes = (sample - center).abs()
            sizes = sizes[sizes > 0]
            if len(sizes):
                shrink = 2.0 ** max(-500, math.frexp(float(_middle(sizes)))[1])
        return cls(asked, seen, center, k, whole, shrink)

    def centered(self, rows: Rows, positions: Tensor | slice) -> Tensor:
        """Rows less the centre, over ``shrink``, cut to 2**50, rounded once to float32.

        For float32 rows the centre is float32 too: the difference then has one rounding, of relative size
        2**-24, whatever the centre; that is what the certificate assumes. Cutting, a projection on a cube,
        brings no two rows farther apart, so lower bounds hold.
        """
        if rows.table.dtype != torch.float64 and rows.is_plain:
            return rows.raw(positions)[0] - self.center.to(torch.float32)
        centered = rows.numbers(positions) - self.center
        if rows.is_wide:
            centered = (centered / self.shrink).clamp(-_CUT, _CUT)
        return centered.to(torch.float32)


def _middle(values: Tensor) -> Tensor:
    """The upper median along the first dimension."""
    return values.sort(0).values[len(values) // 2]
