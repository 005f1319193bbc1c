"""Minima over groups of rows of the scores of all queries: the matrix product and one pass over its tiles."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from torchsmote.neighbors.grid import MINIMA, Grid, Tiles
from torchsmote.neighbors.rows import Problem, slices

__all__ = ["Minima", "by_tile", "symmetry_pays"]

_DEFERRED = 13 << 20  # float32 minima that a symmetric search may hold: 52 MiB
_SYMMETRIC = (4096, 128)  # rows and columns from which half of the products saves more than the copies cost

_BLOCK = 768  # rows of a symmetric tile at most: with wider ones and what waits, memory would pass 64 MiB

Minima = tuple[slice, Tensor, Tensor, Tensor]


def by_tile(problem: Problem, grid: Grid, tiles: Tiles) -> Iterator[Minima]:
    """Tile by tile of queries, the minima of the lowered scores over each group.

    Yields:
        The slice of queries; their centred float32 rows (t, d); the minima (groups, t), contiguous and only
        valid until the next tile; and what to add to a minimum's lower bound: |q|^2, or 0 if it is in there.
    """
    symmetric = tiles.symmetric
    if symmetric is None:
        pays = symmetry_pays(len(grid.rows), grid.rows.shape[1], grid.group)
        symmetric = pays and grid.precision.keeps_input and problem.is_self and grid.matches is None
    return _symmetric(grid, min(tiles.queries, _BLOCK)) if symmetric else _direct(problem, grid, tiles)


def symmetry_pays(rows: int, d: int, group: int) -> bool:
    """The measured rule: whether a search of rows in themselves, in groups of a size, halves the products."""
    return rows >= _SYMMETRIC[0] and d >= _SYMMETRIC[1] and rows * rows <= 4 * group * _DEFERRED


def _direct(problem: Problem, grid: Grid, tiles: Tiles) -> Iterator[Minima]:
    """All products. Scores are |r|^2 - 2 q.r: |r|^2 comes in with the product, |q|^2 changes no order."""
    g, n_asked = grid.group, len(problem.asked)
    widest = max(32, min(tiles.queries, MINIMA // grid.n_groups // 32 * 32, n_asked))
    matches = grid.matches
    if matches is not None:
        widest = matches.widest(widest)
    # Tiles of one width: a narrow last one would cost nearly as much as a whole one.
    width = min(widest, -(-n_asked // -(-n_asked // widest) // 32) * 32)
    step = max(1, tiles.scores // (width * g)) * g
    # Every tile uses the same memory again: fresh pages cost as much as the minima themselves.
    score_memory = grid.rows.new_empty(min(step, len(grid.rows)) * width)
    minima_memory = grid.rows.new_empty(grid.n_groups * width)
    table_memory = grid.rows.new_empty(0 if matches is None else matches.n_codes * width)
    for part in slices(n_asked, width):
        queries = problem.centered(problem.asked, part)
        columns = (-2.0 * queries).t().contiguous()
        minima = minima_memory[: grid.n_groups * len(queries)].view(grid.n_groups, -1)
        table = None if matches is None else matches.table(problem.asked.codes_at(part), table_memory)
        for rows in slices(len(grid.rows), step):
            scores = score_memory[: (rows.stop - rows.start) * len(queries)].view(-1, len(queries))
            torch.addmm(grid.norms[rows], grid.rows[rows], columns, out=scores)
            if matches is not None and table is not None:
                matches.add(scores, rows, table)
            torch.amin(scores.view(-1, g, len(queries)), 1, out=minima[rows.start // g : rows.stop // g])
        yield part, queries, minima, Grid.squared_norms(queries, matches)


def _symmetric(grid: Grid, size: int) -> Iterator[Minima]:
    """A search of rows in themselves: each product serves both of its rows, so half of them go away.

    Scores are whole squared distances |q|^2 + |r|^2 - 2 q.r. Minima down the columns of a tile serve the
    later block of queries and wait for it; minima along its rows serve the present one.
    """
    g, n = grid.group, grid.n_rows
    blocks = list(slices(len(grid.rows), max(g, size // g * g)))
    waiting: list[list[Tensor]] = [[] for _ in blocks]
    score_memory = grid.rows.new_empty(blocks[0].stop ** 2)
    minima_memory = grid.rows.new_empty(grid.n_groups * blocks[0].stop)
    for i, here in enumerate(blocks):
        left = torch.cat([grid.rows[here], torch.ones_like(grid.norms[here])], 1)
        minima = minima_memory[: grid.n_groups * len(left)].view(grid.n_groups, -1)
        if waiting[i]:
            torch.cat(waiting[i], out=minima[: here.start // g])
            waiting[i].clear()
        for j, there in enumerate(blocks[i:], i):
            scores = score_memory[: len(left) * (there.stop - there.start)].view(len(left), -1)
            torch.addmm(grid.norms[here], left, _columns(grid, there), out=scores)
            minima[there.start // g : there.stop // g] = scores.view(len(left), g, -1).amin(1).t()
            if j > i:
                down = scores.view(-1, g, scores.shape[1]).amin(1)
                waiting[j].append(down.view(len(down), g, -1).transpose(1, 2).reshape(len(down), -1))
        part = slice(here.start, min(here.stop, n))
        if part.start < part.stop:
            queries = grid.rows[part]
            found = minima[:, : len(queries)].contiguous()
            yield part, queries, found, found.new_zeros(len(queries), dtype=torch.float64)


def _columns(grid: Grid, block: slice) -> Tensor:
    """The block as right factor, (d + 1, t): -2 r and |r|^2, the first rows of all groups first.

    In this order the rows of a group are t / g columns apart, so the minimum along a row of the tile is again
    one over whole vectors.
    """
    columns = torch.cat([grid.rows[block] * -2.0, grid.norms[block]], 1)
    return columns.view(-1, grid.group, columns.shape[1]).permute(2, 1, 0).reshape(columns.shape[1], -1)
