"""How the methods of the table door find neighbours where each rank has some of the rows."""

from __future__ import annotations

from typing import NoReturn

import torch
from torch import Tensor

from ..neighbors.distributed import Spread
from ..neighbors.scaling import comparable
from ..over_sampling.neighbor_search import NeighborSearch
from ..streamed.methods import not_in_memory
from .shards import SPREAD, Shards

__all__ = ["ShardedSearch"]


class ShardedSearch(NeighborSearch):
    """The search of one fit: each rank searches for its own rows, and all get all that was found."""

    def __init__(self, shards: Shards, backend: str, owner: str, few_samples: str = "raise") -> None:
        values = {"shards": shards, "backend": backend, "owner": owner, "few_samples": few_samples}
        for name, value in {**values, "group": "class"}.items():
            object.__setattr__(self, name, value)

    shards: Shards

    @property
    def rows(self) -> NoReturn:
        """Refused: no rank has them.

        Raises:
            TypeError: Always.
        """
        raise not_in_memory(self.owner, SPREAD)

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
            places = shards.places(references)
            counts = [place - before for place, before in zip(places, [0, *places], strict=False)]
            seen = rows.index_select(0, _between(references, first, end) - first)
            own = torch.searchsorted(references, asked).clamp_max(len(references) - 1)
            own = torch.where(references[own] == asked, own, -1)
        spread = Spread(shards.ranks, seen, counts, shards.extent)
        divided, _ = comparable(rows, "euclidean", shards.extent, "X")
        best = spread.nearest(divided.only(asked - first), k, own=own, backend=self.backend)
        ends = shards.places(queries)
        sizes = [place - before for place, before in zip(ends, [0, *ends], strict=False)]
        table = shards.ranks.gather(best.indices, sizes)
        return table if references is None else references[table]


def _between(numbers: Tensor, first: int, end: int) -> Tensor:
    """Those of the ascending numbers that are in [first, end)."""
    low, high = torch.searchsorted(numbers, torch.tensor([first, end], device=numbers.device)).tolist()
    return numbers[low:high]
