"""The search of one fit in a table that is not in memory: the rows of the classes that grow are held."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ..neighbors.best import Best, cut, nearest_in_blocks
from ..neighbors.rows import Rows
from ..neighbors.scaling import Extent, comparable
from .absent_rows import AbsentRows

__all__ = ["AmongAll", "Held", "HeldSearch"]

# The k nearest rows of the whole table to some rows, each without its own number: from rows, k and numbers.
AmongAll = Callable[[Rows, int, Tensor], Best]


@dataclass(frozen=True, eq=False)
class Held:
    """Some rows of a larger table of n.

    Attributes:
        rows: Shape (m, d).
        numbers: Their numbers in the table, ascending, int64, shape (m,).
        n: Rows of the table.
        extent: Of the whole table.
    """

    rows: Tensor
    numbers: Tensor
    n: int
    extent: Extent

    def at(self, numbers: Tensor) -> Tensor:
        """Where rows of the table stand among those held, in the shape of ``numbers``."""
        return torch.searchsorted(self.numbers, numbers)


class HeldSearch(AbsentRows):
    """Finds the neighbours that `NeighborSearch` finds in the whole table, bit by bit.

    Args:
        resampler: What searches.
        held: The rows of the classes that grow: whatever is asked for is among them.
        among_all: Rows are given to it as `comparable` divides them for the extent of the table.
    """

    held: Held
    among_all: AmongAll

    def __init__(self, resampler: Any, held: Held, among_all: AmongAll) -> None:
        super().__init__(resampler, "a table that is read block by block", held=held, among_all=among_all)

    @property
    def device(self) -> torch.device:
        """Where neighbours are searched."""
        return self.held.rows.device

    @property
    def n_rows(self) -> int:
        """How many rows the table has."""
        return self.held.n

    def found(self, k: int, queries: Tensor, references: Tensor | None) -> Tensor:
        """See `NeighborSearch`; ``references`` are rows that are held, or None."""
        held = self.held
        everything = comparable(held.rows, "euclidean", held.extent, "X")[0]
        asked = everything.only(held.at(queries))
        if references is None:
            return self.among_all(asked, k, queries).indices
        seen = everything.only(held.at(references))
        own = held.at(queries)
        best = nearest_in_blocks(asked, cut(seen, k + 1), k, own=own, backend=self.backend)
        return held.numbers[best.indices]
