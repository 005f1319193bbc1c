"""From candidates to a proven answer, and which backend finds the candidates.

An exact backend is a function ``candidates(problem, tiles)`` that yields, for each tile of queries, positions
that may be among the k nearest and a lower bound of the squared distance to all other rows. What follows is
the same for all of them: exact distances of the candidates, the proof, and the exact search for queries
without one. So they differ in time, never in the answer. The approximate ones are searched by
``approximate``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from torchsmote.neighbors import faiss, grouped, kdtree
from torchsmote.neighbors.bounds import is_proven
from torchsmote.neighbors.exact import exact_squared, rank
from torchsmote.neighbors.faiss_index import KINDS
from torchsmote.neighbors.grid import Tiles
from torchsmote.neighbors.rows import Problem
from torchsmote.neighbors.settle import settle

__all__ = ["BACKENDS", "available_backends", "check_backend", "choose_backend", "nearest", "ranked"]

Candidates = Callable[[Problem, Tiles], Iterator[tuple[slice, Tensor, Tensor]]]


@dataclass(frozen=True)
class _Backend:
    """A way to find candidates.

    Attributes:
        candidates: The search; None: an approximate one.
        why_not: From the rows' device, None or the reason why it cannot search there.
        takes_codes: Whether it compares categories too.
    """

    candidates: Candidates | None
    why_not: Callable[[torch.device], str | None]
    takes_codes: bool = False


BACKENDS: dict[str, _Backend] = {
    "torch": _Backend(grouped.candidates, grouped.why_not, takes_codes=True),
    "faiss": _Backend(faiss.candidates, faiss.why_not),
    "kdtree": _Backend(kdtree.candidates, kdtree.why_not),
    **{name: _Backend(None, faiss.why_not) for name in KINDS},
}


def available_backends() -> dict[str, str | None]:
    """Each backend's name, with None, or the reason why it is not usable on this machine's CPU.

    >>> available_backends()["torch"] is None
    True
    """
    return {name: backend.why_not(torch.device("cpu")) for name, backend in BACKENDS.items()}


def choose_backend(problem: Problem, backend: str) -> str:
    """The backend asked for, or for "auto" the one that was fastest on such a problem.

    Raises:
        ValueError: If the backend asked for cannot search rows on their device.
    """
    device = problem.center.device
    if backend != "auto":
        check_backend(backend, device, has_codes=problem.seen.codes is not None)
        return backend
    is_tree = device.type == "cpu" and problem.seen.codes is None and kdtree.pays(problem)
    return "kdtree" if is_tree else "torch"


def check_backend(backend: str, device: torch.device, *, has_codes: bool = False) -> None:
    """Raise unless a backend can search rows on their device; "auto" always can.

    Raises:
        ValueError: That says why not.
    """
    if backend == "auto":
        return
    reason = BACKENDS[backend].why_not(device)
    if reason is None and has_codes and not BACKENDS[backend].takes_codes:
        reason = "it compares numbers alone, and the rows have categories"
    if reason is not None:
        raise ValueError(f"`backend`={backend!r} is not usable: {reason}; pass backend='auto'")


def nearest(problem: Problem, backend: str = "auto", tiles: Tiles | None = None) -> tuple[Tensor, Tensor]:
    """The k nearest of the rows searched to each row asked, exactly.

    Args:
        problem: The search.
        backend: "auto" or a name in ``BACKENDS``.
        tiles: Sizes of the tiles; None for the measured ones.

    Returns:
        Squared distances, float64, and positions, int64, both (q, k), sorted, ties by position.

    Raises:
        ValueError: If the backend cannot search these rows, or is an approximate one.
    """
    name = choose_backend(problem, backend)
    find = BACKENDS[name].candidates
    if find is None:
        raise ValueError(
            f"`backend`={name!r} is not usable: an approximate search needs all rows in one table in memory; "
            "pass backend='auto'"
        )
    return ranked(problem, find(problem, tiles or Tiles()))


def ranked(problem: Problem, parts: Iterable[tuple[slice, Tensor, Tensor]]) -> tuple[Tensor, Tensor]:
    """The k nearest among candidates, exactly; of all rows where the candidates are not proven enough.

    Args:
        problem: The search.
        parts: For each tile of queries, its slice, candidate positions, int64 (t, c), -1 for none, and a
            lower bound of the squared distance to all other rows, float64 (t,).

    Returns:
        As ``nearest``.
    """
    shape, device = (len(problem.asked), problem.k), problem.center.device
    squared = torch.empty(shape, dtype=torch.float64, device=device)
    positions = torch.empty(shape, dtype=torch.int64, device=device)
    proven = torch.empty(shape[0], dtype=torch.bool, device=device)
    for part, found, bound in parts:
        exact = exact_squared(problem.asked.take(part), problem.seen, found.clamp_min(0))
        squared[part], positions[part] = rank(exact.masked_fill_(found < 0, math.inf), found, problem.k)
        proven[part] = is_proven(squared[part, -1], bound, problem.seen.width)
    if not bool(proven.all()):
        rest = (~proven).nonzero()[:, 0]
        squared[rest], positions[rest] = settle(problem, rest, squared[rest, -1])
    return squared, positions
