"""A search of which each process of torch.distributed does a share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ..neighbors.faiss_index import KINDS
from ..over_sampling.neighbor_search import NeighborSearch
from .rank_shares import computed_by_all

__all__ = ["RankSearch"]

_QUERIES = 2048  # dealt out together


@dataclass(frozen=True, eq=False)
class RankSearch(NeighborSearch):
    """The search of a table that every process has whole: each finds the neighbours of some of the queries.

    Exact neighbours of a query depend on it alone, so the result is that of one process, bit for bit. An
    approximate search suits itself to all of its queries: then each process searches for all.

    Attributes:
        group: The processes, all of which search the same table at the same time; None: this one.
    """

    group: Any = None

    def found(self, k: int, queries: Tensor, references: Tensor | None) -> Tensor:
        """See `NeighborSearch`."""
        if self.backend in KINDS:
            return super().found(k, queries, references)

        def search(parts: Any) -> Tensor:
            return NeighborSearch.found(self, k, torch.cat(tuple(parts)), references).cpu()

        return computed_by_all(queries.split(_QUERIES), search, self.group).to(queries.device)
