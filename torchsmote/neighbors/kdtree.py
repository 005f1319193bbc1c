"""Candidates by scipy's k-d tree: in few dimensions most rows are never looked at."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from scipy.spatial import cKDTree
from torch import Tensor

from torchsmote.neighbors.bounds import FLOAT64
from torchsmote.neighbors.grouped import Tiles
from torchsmote.neighbors.rows import Problem, slices

__all__ = ["candidates", "pays", "why_not"]

_SPARE = 1
_QUERIES = 4096


def why_not(device: torch.device) -> str | None:
    """None where the tree can search, else the reason."""
    return None if device.type == "cpu" else f"the k-d tree searches on the CPU, the rows are on {device}"


def pays(problem: Problem) -> bool:
    """Whether the tree was faster than grouped minima (the measured rule of ``backend="auto"``)."""
    return False


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
