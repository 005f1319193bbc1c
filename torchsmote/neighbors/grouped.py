"""Candidates by grouped minima: a matrix product whose tiles are reduced to minima before any selection.

The k nearest rows lie in the k groups of rows with the smallest minima. A minimum over g consecutive rows
costs one vectorised pass, so selection sees 1/g of the scores, and of those only the groups of a few groups.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from torchsmote.neighbors.bounds import lower_from_difference
from torchsmote.neighbors.grid import FAN, Grid, Tiles
from torchsmote.neighbors.minima import by_tile
from torchsmote.neighbors.rows import Problem, slices

__all__ = ["candidates", "stable_smallest", "why_not"]

_SPARE = 2  # groups taken beyond k: they move the bound away from the k-th distance, so more rows are proven
_GATHER = 1 << 20  # float32 values of candidate rows compared at a time: 4 MiB


def why_not(device: torch.device) -> str | None:
    """None: plain torch operations run on every device."""
    return None


def candidates(problem: Problem, tiles: Tiles) -> Iterator[tuple[slice, Tensor, Tensor]]:
    """For each tile of queries: positions that may be among the k nearest, and a bound for all others.

    Yields:
        The slice of queries; int64 positions (t, c), -1 for none; float64 (t,): every row that is not
        among the positions is at least this far, squared. Where it is infinite, the positions are enough.
    """
    grid = Grid.build(problem, tiles)
    width = problem.k + (0 if grid.exact else _SPARE)
    for part, queries, minima, squared_norm in by_tile(problem, grid, tiles):
        groups, score = _nearest_groups(grid, minima, width)
        bound = grid.precision.lower_from_score(score.double(), squared_norm)
        codes = None if grid.matches is None else problem.asked.codes_at(part)
        positions, kept_bound = _nearest_in_groups(grid, queries, codes, groups, width)
        yield part, positions, torch.minimum(bound, kept_bound) * problem.shrink**2


def _nearest_groups(grid: Grid, minima: Tensor, width: int) -> tuple[Tensor, Tensor]:
    """For each query, the groups with the smallest minima, and the smallest of all others.

    Minima of ``FAN`` groups, of ``FAN`` such and so on: down from the level that is small enough to search.
    """
    n_queries = minima.shape[1]
    levels = [minima]
    for _ in range(grid.levels):
        levels.append(levels[-1].view(-1, FAN, n_queries).amin(1))
    chosen, bound = _smallest(levels[-1].t(), width, grid.exact)
    query, within = (torch.arange(size, device=minima.device) for size in (n_queries, FAN))
    for level in levels[-2::-1]:
        groups = (chosen[:, :, None] * FAN + within).view(n_queries, -1)
        values = level.view(-1).take(groups * n_queries + query[:, None])
        below, bound_below = _smallest(values, width, grid.exact)
        chosen, bound = groups.gather(1, below), torch.minimum(bound, bound_below)
    return chosen, bound


def _nearest_in_groups(
    grid: Grid, queries: Tensor, codes: Tensor | None, groups: Tensor, width: int
) -> tuple[Tensor, Tensor]:
    """The ``width`` nearest rows of the groups by float32 differences, and the bound of those left out."""
    g, d, per_query = grid.group, grid.rows.shape[1], groups.shape[1] * grid.group
    whole_width = d + (0 if codes is None else codes.shape[1])
    squared = torch.empty((len(queries), per_query), dtype=torch.float32, device=queries.device)
    blocks = grid.rows.view(grid.n_groups, g * d)
    for part in slices(len(queries), max(1, _GATHER // (per_query * whole_width))):
        near = blocks.index_select(0, groups[part].reshape(-1)).view(-1, per_query, d)
        squared[part] = near.sub_(queries[part, None]).square_().sum(-1)
        if grid.matches is not None and codes is not None:
            squared[part] += grid.matches.penalties(groups[part], g, codes[part])
    positions = (groups[:, :, None] * g + torch.arange(g, device=groups.device)).view(len(queries), -1)
    squared.masked_fill_(positions >= grid.n_rows, math.inf)
    chosen, bound = _smallest(squared, width, grid.exact)
    positions = positions.gather(1, chosen)
    positions.masked_fill_(positions >= grid.n_rows, -1)
    norms = Grid.squared_norms(queries, grid.matches).sqrt_()
    return positions, lower_from_difference(bound.double(), norms, whole_width)


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
