"""The searched rows made ready for grouped minima, and the sizes by which they are cut."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from torchsmote.neighbors.bounds import Precision, whole_products_are_exact
from torchsmote.neighbors.matches import Matches
from torchsmote.neighbors.rows import Problem, slices

__all__ = ["FAN", "MINIMA", "Grid", "Tiles", "group_size"]

FAN = 8  # minima in a minimum of the next level
MINIMA = 1 << 23  # float32 minima kept of one tile of queries: 32 MiB
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Tiles:
    """Sizes of the tiles; they change the time, never the result.

    Attributes:
        queries: Query rows in a tile.
        scores: Scores in a tile; with the queries, this gives its reference rows.
        group: Reference rows in a group, or None for the measured rule.
        symmetric: Whether a search of rows in themselves uses each product twice; None for the measured rule.
    """

    queries: int = 1536
    scores: int = 1 << 21
    group: int | None = None
    symmetric: bool | None = None


@dataclass(frozen=True)
class Grid:
    """The searched rows, centred, in float32, padded to whole groups of groups.

    Attributes:
        rows: (n padded, d) float32.
        norms: (n padded, 1) float32: squared norms, lowered by the rounding error; inf in the padding.
        n_rows: How many rows are real.
        group: Rows in a group (g).
        levels: How often minima are taken of ``FAN`` minima.
        precision: The rounding errors of the products.
        exact: Whether float32 scores are exact: then selection itself must put ties in order.
        matches: What categories add, where rows have any; then norms count them too.
    """

    rows: Tensor
    norms: Tensor
    n_rows: int
    group: int
    levels: int
    precision: Precision
    exact: bool
    matches: Matches | None = None

    @property
    def n_groups(self) -> int:
        """Number of groups, padding included."""
        return len(self.rows) // self.group

    @classmethod
    def build(cls, problem: Problem, tiles: Tiles) -> Grid:
        """Centre, round to float32, pad, and take norms."""
        n, d = len(problem.seen), problem.seen.table.shape[1]
        group = tiles.group or group_size(n, problem.k)
        levels = max(0, round(math.log(n / group / (FAN * (problem.k + 1)), FAN)))
        whole = group * FAN**levels
        padded = -(-n // whole) * whole
        rows = torch.zeros((padded, d), dtype=torch.float32, device=problem.center.device)
        norms = torch.full((padded, 1), math.inf, dtype=torch.float32, device=rows.device)
        precision = Precision.of_products(problem.seen.width, rows.device)
        matches = Matches.of(problem, padded)
        for part in slices(n, max(1, _CHUNK // d)):
            rows[part] = problem.centered(problem.seen, part)
        exact = problem.whole and _products_are_exact(problem, rows)
        shrink = 1.0 if exact else 1.0 - 2.0 * precision.relative
        for part in slices(n, max(1, _CHUNK // d)):
            norms[part] = cls.squared_norms(rows[part], matches)[:, None].mul_(shrink).float()
        return cls(rows, norms, n, group, levels, precision, exact, matches)

    @staticmethod
    def squared_norms(rows: Tensor, matches: Matches | None) -> Tensor:
        """Squared norms of centred rows, float64, with what their categories add."""
        norms = rows.double().square_().sum(1)
        return norms if matches is None else norms.add_(matches.squared_norm)


def group_size(n: int, k: int) -> int:
    """Rows in a group. Measured: 4 up to 8,192 rows, 8 above; more where the minima would not fit."""
    size = 4 if n <= 1 << 13 else 8
    while n // size > MINIMA // 256:
        size *= 2
    while size > 1 and (k + 1) * size * 8 > n:
        size //= 2
    return size


def _products_are_exact(problem: Problem, rows: Tensor) -> bool:
    """Whether every sum in |r|^2 - 2 q.r and |q - r|^2 of these whole numbers stays below 2**24."""
    low, high = torch.aminmax(rows)
    peak = max(-float(low), float(high))
    for part in slices(len(problem.asked), max(1, _CHUNK // rows.shape[1])):
        peak = max(peak, float(problem.centered(problem.asked, part).abs().max()))
    return whole_products_are_exact(rows.shape[1], peak)
