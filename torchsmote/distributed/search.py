"""How the methods of the table door find neighbours where each rank has some of the rows."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from ..neighbors.distributed import Spread
from ..neighbors.scaling import comparable
from ..streamed.absent_rows import AbsentRows
from .shards import SPREAD, Shards

__all__ = ["ShardedSearch"]


class ShardedSearch(AbsentRows):
    """The search of one fit: each rank searches for its own rows, and all get all that was found."""

    shards: Shards

    def __init__(self, resampler: Any, shards: Shards) -> None:
        super().__init__(resampler, SPREAD, shards=shards)

    @property
    def device(self) -> torch.device:
        """Where this rank searches."""
        return self.shards.table.rows.device

    @property
    def n_rows(self) -> int:
        """How many rows all ranks have."""
        return self.shards.n_rows

    def found(self, k: int, queries: Tensor, references: Tensor | None) -> Tensor:
        """See `NeighborSearch`; all ranks ask the same, with row numbers in ascending order."""
        shards, (first, end) = self.shards, self.shards.own
        asked = _between(queries, first, end)
        rows = shards.table.rows
        seen, counts, own = rows, shards.counts, asked
        if references is not None:
            counts = shards.counts_among(references)
            seen = rows.index_select(0, _between(references, first, end) - first)
            own = torch.searchsorted(references, asked).clamp_max(len(references) - 1)
            own = torch.where(references[own] == asked, own, -1)
        spread = Spread(shards.ranks, seen, counts, shards.extent)
        divided, _ = comparable(rows, "euclidean", shards.extent, "X")
        best = spread.nearest(divided.only(asked - first), k, own=own, backend=self.backend)
        table = shards.ranks.gather(best.indices, shards.counts_among(queries))
        return table if references is None else references[table]


def _between(numbers: Tensor, first: int, end: int) -> Tensor:
    """Those of the ascending numbers that are in [first, end)."""
    low, high = torch.searchsorted(numbers, torch.tensor([first, end], device=numbers.device)).tolist()
    return numbers[low:high]
