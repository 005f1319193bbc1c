"""Candidates by scipy's k-d tree: in few dimensions most rows are never looked at."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from scipy.spatial import cKDTree
from torch import Tensor

from torchsmote.neighbors.bounds import FLOAT64
from torchsmote.neighbors.grid import Tiles
from torchsmote.neighbors.rows import Problem, slices

__all__ = ["candidates", "pays", "why_not"]

_SPARE = 1
_QUERIES = 4096
_COPY = 1 << 26  # bytes


def why_not(device: torch.device) -> str | None:
    """None where the tree can search, else the reason."""
    return None if device.type == "cpu" else f"the k-d tree searches on the CPU, the rows are on {device}"


def pays(problem: Problem) -> bool:
    """The measured rule of ``backend="auto"``: whether the tree was faster than grouped minima.

    Processor time of a self-search for k = 6 of n normal rows, grouped minima / tree, in ms:

        n        d = 2       d = 4       d = 6        d = 8
        1,000    8 / 3       7 / 4       7 / 8        7 / 10
        5,000    64 / 12     59 / 21     62 / 60      63 / 142
        20,000   484 / 49    441 / 106   466 / 307    403 / 1,036
        50,000   1,973 / 141 1,818 / 316 1,888 / 1,226 1,812 / 2,762

    A few queries do not repay the building of the tree; its float64 copy must stay small; ties in tables of
    whole numbers are settled by grouped minima alone.
    """
    n, d = len(problem.seen), problem.seen.width
    is_low = d <= 4 or (d <= 6 and n >= 1 << 14)
    return is_low and len(problem.asked) >= 512 and not problem.whole and 8 * n * d <= _COPY


def candidates(problem: Problem, tiles: Tiles) -> Iterator[tuple[slice, Tensor, Tensor]]:
    """For each tile of queries: candidate positions, and a bound for all other rows (see ``grouped``).

    The tree ranks by float64 differences, summed in its own order, so only the last bits are in doubt.
    """
    n, d = len(problem.seen), problem.seen.width
    count = min(problem.k + _SPARE, n)
    tree = cKDTree(problem.seen.take(slice(0, n)).numpy(), balanced_tree=False, compact_nodes=False)
    for part in slices(len(problem.asked), _QUERIES):
        rows = problem.asked.take(part).numpy()
        distances, positions = tree.query(rows, k=range(1, count + 1), workers=torch.get_num_threads())
        last = torch.from_numpy(distances)[:, -1].square() * (1.0 - 4.0 * (d + 4) * FLOAT64)
        bound = torch.full_like(last, torch.inf) if count == n else last
        yield part, torch.from_numpy(positions).to(torch.int64), bound
