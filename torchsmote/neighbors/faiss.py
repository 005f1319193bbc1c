"""Candidates by faiss on the CPU: a second opinion from another code base, under the same proof."""

from __future__ import annotations

from collections.abc import Iterator

import faiss
import torch
from torch import Tensor

from torchsmote.neighbors.bounds import Precision
from torchsmote.neighbors.grid import Tiles
from torchsmote.neighbors.rows import Problem, slices

__all__ = ["candidates", "why_not"]

_SPARE = 2
_QUERIES = 4096


def why_not(device: torch.device) -> str | None:
    """None where faiss can search, else the reason."""
    return None if device.type == "cpu" else f"faiss searches on the CPU, the rows are on {device}"


def candidates(problem: Problem, tiles: Tiles) -> Iterator[tuple[slice, Tensor, Tensor]]:
    """For each tile of queries: candidate positions, and a bound for all other rows (see ``grouped``).

    faiss ranks by |q|^2 + |r|^2 - 2 q.r in float32. A row it leaves out scored at least as much as its last
    one; its error is at most e (|q| + |r|)^2 with |r| <= |q| + distance, so its distance has a lower bound.
    """
    n = len(problem.seen)
    count = min(problem.k + _SPARE, n)
    seen = problem.centered(problem.seen, slice(0, n)).numpy()
    relative = Precision.of_products(problem.seen.width, problem.center.device).relative
    for part in slices(len(problem.asked), _QUERIES):
        queries = problem.centered(problem.asked, part)
        squared, positions = (torch.from_numpy(found) for found in faiss.knn(queries.numpy(), seen, count))
        last, norm = squared[:, -1].double(), queries.double().norm(dim=1)
        bound = last - 2.0 * relative * (2.0 * norm + last.clamp_min(0.0).sqrt()).square()
        yield part, positions, torch.full_like(last, torch.inf) if count == n else bound * problem.shrink**2
