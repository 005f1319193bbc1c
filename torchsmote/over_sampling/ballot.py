"""Which category each synthetic row gets: votes of the neighbours of its base, and what settles a tie."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..votes import winners

__all__ = ["elect"]


def elect(codes: Tensor, table: Tensor, position: Tensor, random: Any) -> Tensor:
    """The most frequent category among the voters of each row, column by column.

    Votes are counted once a base row, not once a synthetic row.

    Args:
        codes: Categories of all rows, int32, shape (n, c).
        table: The voters of each base row, int64, shape (b, k).
        position: The base of each synthetic row, as a row of ``table``, int64, shape (n_new,).
        random: What settles a tie: a RandomState, in imbalanced-learn's order; a torch.Generator; None: the
            smallest code wins.

    Returns:
        int32 tensor of shape (n_new, c).
    """
    made = codes.new_empty((len(position), codes.shape[1]))
    for column in range(codes.shape[1]):
        voters = codes[:, column].index_select(0, table.flatten()).view(table.shape).long()
        values, wins = winners(voters)
        # All winners behind one another, base row by base row, each row's in ascending order.
        flat, count = values[wins].to(codes.dtype), wins.sum(1)
        first = count.cumsum(0) - count
        made[:, column] = flat[first[position] + _place(count[position], random)]
    return made


def _place(count: Tensor, random: Any) -> Tensor:
    """Which of ``count`` winners each row takes, int64, shape (n_new,)."""
    if random is None:
        return torch.zeros_like(count)
    if isinstance(random, torch.Generator):
        u = torch.rand(len(count), generator=random, dtype=torch.float64, device=random.device)
        return (u.to(count.device) * count).long()
    return torch.from_numpy(_by_permutation(count.cpu().numpy(), random)).to(count.device)


def _by_permutation(count: NDArray[np.int64], random: np.random.RandomState) -> NDArray[np.int64]:
    """imbalanced-learn shuffles the winners of all rows, and takes of each row the one that comes first."""
    order = random.permutation(int(count.sum()))
    if not len(count):
        return count
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    start = count.cumsum() - count
    place: NDArray[np.int64] = order[np.minimum.reduceat(rank, start)] - start
    return place
