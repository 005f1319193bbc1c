"""A search that goes on from an earlier one, of a table that rows were appended to since."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import torch
from torch import Tensor

from ..neighbors.best import Best, Block
from ..neighbors.engine import BACKENDS
from ..neighbors.exact import exact_squared
from ..neighbors.rows import Rows, slices
from ..neighbors.scaling import Extent, comparable
from .neighbor_search import NeighborSearch

__all__ = ["Found", "GrowingSearch", "Searched"]

_QUERIES = 4096  # whose earlier neighbours are measured at a time


@dataclass(frozen=True, eq=False)
class Found:
    """One search among the rows of a table.

    Attributes:
        queries: Rows that asked, int64, shape (q,).
        references: Rows that were searched, int64; None: all.
        table: Their neighbours, int64, shape (q, k).
    """

    queries: Tensor
    references: Tensor | None
    table: Tensor

    def is_part_of(self, k: int, references: Tensor | None, n_before: int) -> bool:
        """Whether it is the search for k neighbours among these references less the rows appended."""
        if self.table.shape[1] != k or (references is None) != (self.references is None):
            return False
        if references is None or self.references is None:
            return True
        return torch.equal(references[references < n_before], self.references)


@dataclass(eq=False)
class Searched:
    """All searches of one fit, so that the next one can go on from them.

    Attributes:
        n_rows: How many rows the table had.
        divisor: What its rows were divided by, see `comparable`.
        found: The searches, in order.
    """

    n_rows: int = 0
    divisor: float = 1.0
    found: list[Found] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class GrowingSearch(NeighborSearch):
    """The search of a table whose first rows were searched before.

    A row that asked before has its earlier neighbours, and is compared with the new rows alone; a row that is
    new, or asks something new, is compared with all. The k best by (squared distance, index) are kept, so the
    neighbours are those of a search from the beginning.

    Attributes:
        before: The searches of the earlier, shorter table.
        now: Gets the searches of this one.
    """

    before: Searched = field(default_factory=Searched)
    now: Searched = field(default_factory=Searched)

    def found(self, k: int, queries: Tensor, references: Tensor | None) -> Tensor:
        """See `NeighborSearch`."""
        n = self.before.n_rows
        self.now.divisor = self._compared[1]
        # Divided otherwise, distances that differed may be equal, and then the index decides.
        alike = self.now.divisor == self.before.divisor
        earlier = next((one for one in self.before.found if one.is_part_of(k, references, n)), None)
        exact = self.backend == "auto" or BACKENDS[self.backend].candidates is not None
        if earlier is None or not exact or not alike:
            table = super().found(k, queries, references)
        else:
            table = self._continued(earlier, k, queries, references)
        self.now.found.append(Found(queries, references, table))
        return table

    @cached_property
    def _compared(self) -> tuple[Rows, float]:
        """The table as its rows are compared, and what they were divided by."""
        return comparable(self.rows, "euclidean", Extent.of(self.rows, "X"), "X")

    def _continued(self, earlier: Found, k: int, queries: Tensor, references: Tensor | None) -> Tensor:
        place = torch.full((self.n_rows,), -1, device=queries.device)
        place[earlier.queries] = torch.arange(len(earlier.queries), device=queries.device)
        known = place[queries]
        asked_before = known >= 0
        table = torch.empty((len(queries), k), dtype=torch.int64, device=queries.device)
        others = queries[~asked_before]
        if len(others):
            table[~asked_before] = super().found(k, others, references)
        candidates = earlier.table[known[asked_before]]
        if len(candidates):
            table[asked_before] = self._with_new_rows(queries[asked_before], candidates, references)
        return table

    def _with_new_rows(self, queries: Tensor, candidates: Tensor, references: Tensor | None) -> Tensor:
        """The k nearest among earlier neighbours, shape (q, k), and the references appended since."""
        n = self.before.n_rows
        every = torch.arange(n, self.n_rows, device=queries.device)
        new = every if references is None else references[references >= n]
        rows = self._compared[0]
        asked = rows.only(queries)
        best = Best(_measured(asked, rows, candidates), candidates)
        best.search(asked, Block(rows.only(new), 0), backend=self.backend)
        return best.indices


def _measured(asked: Rows, rows: Rows, candidates: Tensor) -> Tensor:
    """Squared distances of each query to its candidates, float64, shape (q, k)."""
    squared = torch.empty(candidates.shape, dtype=torch.float64, device=candidates.device)
    for part in slices(len(asked), _QUERIES):
        squared[part] = exact_squared(asked.take(part), rows, candidates[part])
    return squared
