"""Candidates by grouped minima: a matrix product whose tiles are reduced to minima before any selection.

The k nearest rows lie in the k groups of rows with the smallest minima. A minimum over g consecutive rows
costs one vectorised pass, so selection sees 1/g of the scores, and of those only the minima of h groups.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from torchsmote.neighbors.bounds import Precision, lower_from_difference, whole_products_are_exact
from torchsmote.neighbors.rows import Problem, slices

__all__ = ["Tiles", "candidates", "stable_smallest", "why_not"]

_SPARE = 2  # groups taken beyond k: they move the bound away from the k-th distance, so more rows are proven
_FAN = 8  # minima in a minimum of the next level
_FINE = 1 << 23  # float32 minima kept of one query tile: 32 MiB
_GATHER = 1 << 20  # float32 values of candidate rows compared at a time: 4 MiB


@dataclass(frozen=True)
class Tiles:
    """Sizes of the tiles; they change the time, never the result.

    Attributes:
        queries: Query rows in a tile.
        scores: Scores in a tile; with the queries, this gives its reference rows.
        group: Reference rows in a group, or None for the measured rule.
    """

    queries: int = 512
    scores: int = 1 << 20
    group: int | None = None


def why_not(device: torch.device) -> str | None:
    """None: plain torch operations run on every device."""
    return None


def candidates(problem: Problem, tiles: Tiles) -> Iterator[tuple[slice, Tensor, Tensor]]:
    """For each tile of queries: positions that may be among the k nearest, and a bound for all others.

    Yields:
        The slice of queries; int64 positions (t, c), -1 for none; float64 (t,): every row that is not
        among the positions is at least this far, squared. Where it is infinite, the positions are enough.
    """
    grid = _Grid.build(problem, tiles)
    per_tile = max(32, min(tiles.queries, _FINE // grid.n_groups // 32 * 32, len(problem.asked)))
    buffers = _Buffers(grid, per_tile, tiles.scores)
    for part in slices(len(problem.asked), per_tile):
        queries = problem.asked.centered(part, problem.center)
        groups, bound = _nearest_groups(grid, queries, problem.k, buffers)
        positions, kept_bound = _nearest_in_groups(grid, queries, groups, problem.k)
        yield part, positions, torch.minimum(bound, kept_bound)


@dataclass(frozen=True)
class _Grid:
    """The searched rows, centred, in float32, padded to whole groups of groups.

    Attributes:
        rows: (n padded, d) float32.
        norms: (n padded, 1) float32: squared norms, lowered by the rounding error; inf in the padding.
        n_rows: How many rows are real.
        group: Rows in a group (g).
        levels: How often minima are taken of ``_FAN`` minima.
        precision: The rounding errors of the products.
        exact: Whether float32 scores are exact: then selection itself must put ties in order.
    """

    rows: Tensor
    norms: Tensor
    n_rows: int
    group: int
    levels: int
    precision: Precision
    exact: bool

    @property
    def n_groups(self) -> int:
        return len(self.rows) // self.group

    @classmethod
    def build(cls, problem: Problem, tiles: Tiles) -> _Grid:
        n, d = len(problem.seen), problem.seen.width
        group = tiles.group or _group_size(n, problem.k)
        levels = max(0, round(math.log(n / group / (_FAN * (problem.k + 1)), _FAN)))
        whole = group * _FAN**levels
        padded = -(-n // whole) * whole
        rows = torch.zeros((padded, d), dtype=torch.float32, device=problem.center.device)
        norms = torch.full((padded, 1), math.inf, dtype=torch.float32, device=rows.device)
        precision = Precision.of_products(d, rows.device)
        for part in slices(n, max(1, _GATHER // d)):
            rows[part] = problem.seen.centered(part, problem.center)
        exact = problem.whole and _products_are_exact(problem, rows)
        shrink = 1.0 if exact else 1.0 - 2.0 * precision.relative
        for part in slices(n, max(1, _GATHER // d)):
            norms[part] = rows[part].double().square_().sum(1, keepdim=True).mul_(shrink).float()
        return cls(rows, norms, n, group, levels, precision, exact)


def _group_size(n: int, k: int) -> int:
    """Rows in a group. Measured: 4 up to 16,384 rows, 8 above; more where the minima would not fit."""
    size = 4 if n <= 1 << 14 else 8
    while n // size > _FINE // 256:
        size *= 2
    while size > 1 and (k + 1) * size * 8 > n:
        size //= 2
    return size


def _products_are_exact(problem: Problem, rows: Tensor) -> bool:
    """Whether every sum in |r|^2 - 2 q.r and |q - r|^2 of these whole numbers stays below 2**24."""
    low, high = torch.aminmax(rows)
    peak = max(-float(low), float(high))
    for part in slices(len(problem.asked), max(1, _GATHER // rows.shape[1])):
        peak = max(peak, float(problem.asked.centered(part, problem.center).abs().max()))
    return whole_products_are_exact(rows.shape[1], peak)


class _Buffers:
    """Memory that every tile of queries uses again: fresh pages cost as much as the minima themselves."""

    def __init__(self, grid: _Grid, queries: int, scores: int) -> None:
        self.step = max(1, scores // (queries * grid.group)) * grid.group
        self._tile = grid.rows.new_empty(min(self.step, len(grid.rows)) * queries)
        self._fine = grid.rows.new_empty(grid.n_groups * queries)

    def tile(self, rows: int, queries: int) -> Tensor:
        """Room for the scores of one tile."""
        return self._tile[: rows * queries].view(rows, queries)

    def fine(self, queries: int) -> Tensor:
        """Room for the minima of all groups."""
        return self._fine[: len(self._fine) // queries * queries].view(-1, queries)


def _group_minima(grid: _Grid, queries: Tensor, buffers: _Buffers) -> Tensor:
    """Minima of the scores |r|^2 - 2 q.r over each group, shape (groups, q)."""
    n_queries, g = len(queries), grid.group
    columns = (-2.0 * queries).t().contiguous()
    fine = buffers.fine(n_queries)[: grid.n_groups]
    for part in slices(len(grid.rows), buffers.step):
        tile = buffers.tile(part.stop - part.start, n_queries)
        torch.addmm(grid.norms[part], grid.rows[part], columns, out=tile)
        torch.amin(tile.view(-1, g, n_queries), 1, out=fine[part.start // g : part.stop // g])
    return fine


def _nearest_groups(grid: _Grid, queries: Tensor, k: int, buffers: _Buffers) -> tuple[Tensor, Tensor]:
    """The groups, ascending where scores are exact, that may hold the k nearest; the bound of all others.

    Minima of ``_FAN`` groups, of ``_FAN`` such and so on, down from the level that is small enough to search.
    """
    n_queries, width = len(queries), k + (0 if grid.exact else _SPARE)
    levels = [_group_minima(grid, queries, buffers)]
    for _ in range(grid.levels):
        levels.append(levels[-1].view(-1, _FAN, n_queries).amin(1))
    chosen, bound = _smallest(levels[-1].t(), width, grid.exact)
    query, within = (torch.arange(size, device=queries.device) for size in (n_queries, _FAN))
    for minima in levels[-2::-1]:
        groups = (chosen[:, :, None] * _FAN + within).view(n_queries, -1)
        below, bound_below = _smallest(
            minima.view(-1).take(groups * n_queries + query[:, None]), width, grid.exact
        )
        chosen, bound = groups.gather(1, below), torch.minimum(bound, bound_below)
    squared_norm = queries.double().square().sum(1)
    return chosen, grid.precision.lower_from_score(bound.double(), squared_norm)


def _nearest_in_groups(grid: _Grid, queries: Tensor, groups: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """The k + spare nearest rows of the groups by float32 differences, and the bound of those left out."""
    g, d, per_query = grid.group, grid.rows.shape[1], groups.shape[1] * grid.group
    squared = torch.empty((len(queries), per_query), dtype=torch.float32, device=queries.device)
    blocks = grid.rows.view(grid.n_groups, g * d)
    for part in slices(len(queries), max(1, _GATHER // (per_query * d))):
        near = blocks.index_select(0, groups[part].reshape(-1)).view(-1, per_query, d)
        squared[part] = near.sub_(queries[part, None]).square_().sum(-1)
    positions = (groups[:, :, None] * g + torch.arange(g, device=groups.device)).view(len(queries), -1)
    squared.masked_fill_(positions >= grid.n_rows, math.inf)
    chosen, bound = _smallest(squared, k + (0 if grid.exact else _SPARE), grid.exact)
    positions = positions.gather(1, chosen)
    positions.masked_fill_(positions >= grid.n_rows, -1)
    return positions, lower_from_difference(bound.double(), queries.double().norm(dim=1), d)


def _smallest(values: Tensor, count: int, exact: bool) -> tuple[Tensor, Tensor]:
    """Columns of the ``count`` smallest of each row, ascending, and the smallest value left out."""
    n_rows, width = values.shape
    infinite = torch.full((n_rows,), math.inf, dtype=values.dtype, device=values.device)
    if count >= width:
        return torch.arange(width, device=values.device).expand(n_rows, -1), infinite
    if exact:
        return stable_smallest(values, count).sort(dim=1)[0], infinite
    smallest, columns = values.topk(count + 1, dim=1, largest=False)
    return columns[:, :count], smallest[:, count]


def stable_smallest(values: Tensor, count: int) -> Tensor:
    """Columns of the ``count`` smallest values of each row, ties to the smaller column (topk promises none).

    The largest of them is found first; then smaller values outrank its equals, which rank by column.
    """
    threshold = values.topk(count, dim=1, largest=False)[0][:, -1:]
    column = torch.arange(values.shape[1], dtype=torch.float64, device=values.device)
    key = torch.where(values == threshold, column, math.inf).masked_fill_(values < threshold, -1.0)
    return key.topk(count, dim=1, largest=False)[1]
