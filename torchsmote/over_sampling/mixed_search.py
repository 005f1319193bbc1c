"""Neighbours among rows of numbers and categories, as SMOTENC compares them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from scipy import sparse
from torch import Tensor

from ..neighbors import neighbors_among
from .neighbor_search import NeighborSearch

__all__ = ["MixedSearch", "median_std"]


@dataclass(frozen=True, eq=False)
class MixedSearch(NeighborSearch):
    """The search among rows of numbers and categories.

    Attributes:
        codes: Categories of all rows, int32, shape (n, c); None: there are none.
        one: What stands for 1 in the one-hot table whose distances these are.
    """

    codes: Tensor | None = None
    one: float = 0.0

    def found(self, k: int, queries: Tensor, references: Tensor | None) -> Tensor:
        """See `NeighborSearch`; categories count too."""
        if self.codes is None:
            return super().found(k, queries, references)
        return neighbors_among(
            self.rows,
            k,
            queries=queries,
            references=references,
            backend=self.backend,
            codes=self.codes,
            mismatch=self.one * np.sqrt(2),
        ).indices

    @cached_property
    def on_host(self) -> Any:
        """The one-hot table for estimators that are not ours, CSR."""
        assert self.codes is not None
        numbers = super().on_host
        codes = self.codes.cpu().numpy()
        n, c = codes.shape
        ones = np.full(codes.size, self.one, numbers.dtype)
        starts = np.arange(0, codes.size + 1, c)
        hot = sparse.csr_matrix((ones, codes.ravel(), starts), shape=(n, int(codes.max()) + 1))
        return sparse.hstack([sparse.csr_matrix(numbers), hot], format="csr")


def median_std(rows: Tensor) -> np.floating[Any]:
    """Median of the columns' standard deviations, a numpy scalar of the dtype of the numbers."""
    values = rows.double()
    peak = values.abs().amax().clamp_min(torch.finfo(torch.float64).tiny)
    dtype = np.float64 if rows.dtype == torch.float64 else np.float32
    variance = (values / peak).var(0, correction=0)
    # Divided by the peak, squares neither overflow nor vanish.
    spread: np.floating[Any] = np.median((variance.sqrt() * peak).cpu().numpy().astype(dtype))
    return spread
