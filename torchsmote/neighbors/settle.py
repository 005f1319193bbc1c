"""The last word on queries that float32 could not prove: every row that may tie is compared in float64.

The k-th exact distance found so far bounds the true one, so one pass of float64 products finds every row that
can be as near. Equal rows are searched once: tables full of copies would otherwise tie n times.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from torchsmote.neighbors.bounds import FLOAT64, Precision
from torchsmote.neighbors.exact import best_of_pairs, pair_squared
from torchsmote.neighbors.rows import Problem, Rows, slices

__all__ = ["settle"]

_TILE = (512, 1024)  # queries and distinct rows compared at a time
_FEW = 32  # queries for which comparing with every copy costs less than finding the copies
_OFTEN = 4  # times k: pairs held of each query before they are cut down to the k best
_PAIRS = 1 << 18  # pairs that a piece of the answer is expanded to


def settle(problem: Problem, queries: Tensor, kth: Tensor) -> tuple[Tensor, Tensor]:
    """The k nearest rows of some queries, exactly.

    Args:
        problem: The search.
        queries: int64 positions in ``problem.asked``, shape (u,).
        kth: float64 (u,): for each, a squared distance that at least k rows do not exceed.

    Returns:
        Squared distances, float64, and positions, int64, both (u, k), sorted.
    """
    distinct = _Distinct.of(problem.seen) if len(queries) > _FEW else _Distinct.each(problem.seen)
    squared = torch.empty((len(queries), problem.k), dtype=torch.float64, device=kth.device)
    positions = torch.empty((len(queries), problem.k), dtype=torch.int64, device=kth.device)
    for part in slices(len(queries), _TILE[0]):
        rows = problem.asked.take(queries[part])
        pairs = _within(problem, distinct, rows, kth[part])
        for query, position, distance in distinct.expand(pairs, problem.k):
            first, last = int(query[0]) + part.start, int(query[-1]) + part.start + 1
            squared[first:last] = distance.view(-1, problem.k)
            positions[first:last] = position.view(-1, problem.k)
    return squared, positions


Pairs = tuple[Tensor, Tensor, Tensor]  # query, position, squared distance


def _within(problem: Problem, distinct: _Distinct, rows: Tensor, limit: Tensor) -> Pairs:
    """The k best pairs of each query among the distinct rows not farther than its limit."""
    precision = Precision.of_products(problem.seen.width, rows.device, FLOAT64)
    d = len(problem.center)
    centered = rows[:, :d] - problem.center
    norms = centered.square().sum(1)
    columns = centered.mul(-2.0).t().contiguous()
    found: list[Pairs] = []
    held = 0
    for part in slices(len(distinct.first), _TILE[1]):
        first = distinct.first[part]
        taken = problem.seen.take(first)
        seen = taken[:, :d] - problem.center
        lowered = seen.square().sum(1, keepdim=True) * (1.0 - 2.0 * precision.relative)
        lower = precision.lower_from_score(torch.addmm(lowered, seen, columns), norms)
        for column in range(d, rows.shape[1]):
            lower.add_(taken[:, column, None] != rows[:, column], alpha=problem.seen.mismatch)
        near, query = (lower <= limit * (1.0 + 1e-12)).nonzero(as_tuple=True)
        squared = pair_squared(rows, problem.seen, query, first[near])
        keep = squared <= limit[query]
        found.append((query[keep], near[keep] + part.start, squared[keep]))
        held += len(found[-1][0])
        if held > _OFTEN * problem.k * len(rows):
            found, held = [_cut(found, problem.k)], 0
            limit = _tightened(limit, found[0], problem.k)
    return _cut(found, problem.k)


def _tightened(limit: Tensor, best: Pairs, k: int) -> Tensor:
    """The limit of each query, lowered to its k-th best pair where it has k."""
    query, _, squared = best
    count = torch.bincount(query, minlength=len(limit))
    last = squared[(count.cumsum(0) - 1).clamp_min(0)]
    return torch.where(count == k, torch.minimum(limit, last), limit)


def _cut(found: list[Pairs], k: int) -> Pairs:
    query, near, squared = (torch.cat(parts) for parts in zip(*found, strict=True))
    best = best_of_pairs(query, near, squared, k)
    return query[best], near[best], squared[best]


@dataclass(frozen=True)
class _Distinct:
    """The rows of a table without their copies.

    Attributes:
        first: Position of the first row of each kind, ascending, shape (m,).
        members: All positions, kind by kind, ascending within a kind.
        start: Where each kind begins in ``members``.
        count: How many rows are of each kind.
    """

    first: Tensor
    members: Tensor
    start: Tensor
    count: Tensor

    @classmethod
    def each(cls, rows: Rows) -> _Distinct:
        """Every row as a kind of its own."""
        every = torch.arange(len(rows), device=rows.table.device)
        return cls(every, every, every, torch.ones_like(every))

    @classmethod
    def of(cls, rows: Rows) -> _Distinct:
        """Sort by hash, then compare each row with the one before."""
        members = _hash(rows).argsort(stable=True)
        is_new = torch.ones(len(rows), dtype=torch.bool, device=members.device)
        for part in slices(len(rows) - 1, max(1, (1 << 20) // rows.width)):
            here, before = members[part.start + 1 : part.stop + 1], members[part]
            is_new[part.start + 1 : part.stop + 1] = (rows.take(here) != rows.take(before)).any(1)
        start = is_new.nonzero()[:, 0]
        count = torch.diff(start, append=start.new_tensor([len(rows)]))
        first, order = members[start].sort()
        return cls(first, members, start[order], count[order])

    def expand(self, pairs: Pairs, k: int) -> list[Pairs]:
        """The k best rows of each query, from pairs of queries and kinds; in pieces of bounded size."""
        query, kind, squared = pairs
        copies = self.count[kind].clamp_max(k)
        total = copies.cumsum(0)
        pieces: list[Pairs] = []
        begin, n_pairs = 0, len(query)
        ends = torch.searchsorted(query, torch.arange(int(query[-1]) + 1, device=query.device), right=True)
        while begin < n_pairs:
            before = int(total[begin - 1]) if begin else 0
            fits = torch.searchsorted(total[ends - 1], before + _PAIRS, right=True)
            end = max(int(ends[(fits - 1).clamp_min(0)]), int(ends[query[begin]]))
            pieces.append(self._expanded(query[begin:end], kind[begin:end], squared[begin:end], k))
            begin = end
        return pieces

    def _expanded(self, query: Tensor, kind: Tensor, squared: Tensor, k: int) -> Pairs:
        copies = self.count[kind].clamp_max(k)
        pair = torch.repeat_interleave(copies)
        within = torch.arange(len(pair), device=pair.device) - (copies.cumsum(0) - copies)[pair]
        position = self.members[self.start[kind[pair]] + within]
        query, squared = query[pair], squared[pair]
        best = best_of_pairs(query, position, squared, k)
        return query[best], position[best], squared[best]


def _hash(rows: Rows) -> Tensor:
    """An int64 for each row, equal for equal rows; a collision only costs time."""
    hashes = torch.empty(len(rows), dtype=torch.int64, device=rows.table.device)
    multiplier = _odd_numbers(rows.width, hashes.device)
    for part in slices(len(rows), max(1, (1 << 20) // rows.width)):
        bits = (rows.take(part) + 0.0).view(torch.int64)  # + 0.0: minus zero equals zero
        hashes[part] = ((bits ^ (bits >> 29)) * multiplier).sum(1)
    return hashes


def _odd_numbers(count: int, device: torch.device) -> Tensor:
    """Odd multipliers that spread the bits: powers of an odd constant, wrapping in int64."""
    return torch.full((count,), 0x5851F42D4C957F2D, dtype=torch.int64, device=device).cumprod(0)
