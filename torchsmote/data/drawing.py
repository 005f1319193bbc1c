"""Draws by (epoch, row): with the resampler's constraint kept, and those of one epoch remembered."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..constraint import Constraint, redraw_invalid
from ..draws import Draws
from ..recipe import Recipe

__all__ = ["DrawCache", "Drawer"]

_BLOCK = 4096  # consecutive rows drawn at a time: some 60 ns a row, against 600 in batches of 256
_CACHE_BYTES = 64 << 20


@dataclass(frozen=True, eq=False)
class Drawer:
    """Draws synthetic rows: a pure function of (seed, epoch, row).

    Attributes:
        recipe: What may be drawn.
        seed: In [0, 2**64).
        constraint: The rule that rows must satisfy, or None.
        max_redraws: Attempts after the first.
        rows: What the rule is shown rows of, shape (n, d); None without a rule.
    """

    recipe: Recipe
    seed: int
    constraint: Constraint | None = None
    max_redraws: int = 0
    rows: Tensor | None = None

    def draw(self, indices: Tensor, epoch: int) -> Draws:
        """Draw the synthetic rows of the given numbers, int64, shape (s,)."""
        draws = self.recipe.draw(indices, self.seed, epoch)
        if self.constraint is None or self.rows is None:
            return draws

        def again(positions: Tensor, attempt: int) -> Draws:
            return self.recipe.draw(indices[positions], self.seed, epoch, attempt=attempt)

        return redraw_invalid(self.rows, draws, again, self.constraint, self.max_redraws)

    def to(self, device: torch.device) -> Drawer:
        """The same drawer on ``device``; it draws the same."""
        rows = None if self.rows is None else self.rows.to(device)
        return replace(self, recipe=self.recipe.to(device), rows=rows)


class DrawCache:
    """Remembers the draws of the epoch read last: 28 bytes a synthetic row, at most 64 MiB.

    A recipe of more rows than that is not cached: its rows are drawn whenever they are read, ten times slower
    a row in small batches, and equal. A copy for another process starts empty.
    """

    def __init__(self, drawer: Drawer) -> None:
        self.drawer = drawer
        self._epoch = -1
        self._draws: Draws | None = None
        self._drawn = np.zeros(0, dtype=np.bool_)
        self._missing = 0

    def __reduce__(self) -> tuple[type[DrawCache], tuple[Drawer]]:
        return DrawCache, (self.drawer,)

    def draw(
        self,
        indices: NDArray[np.int64],
        positions: NDArray[np.int64],
        epochs: NDArray[np.int64] | int,
    ) -> Draws:
        """Draw synthetic rows, remembering.

        Args:
            indices: Their numbers, shape (s,).
            positions: Where they stand in the batch, shape (s,).
            epochs: The batch's epoch, or one for each of its samples, shape (b,).
        """
        if isinstance(epochs, int):
            return self._one_epoch(indices, epochs)
        own = epochs[positions]
        order = np.argsort(own, kind="stable")
        parts = [self._one_epoch(indices[own == epoch], int(epoch)) for epoch in np.unique(own)]
        if len(parts) <= 1:
            return parts[0] if parts else self._one_epoch(indices, 0)
        back = torch.from_numpy(np.argsort(order, kind="stable"))
        return Draws(*(torch.cat(values).index_select(0, back) for values in zip(*parts, strict=True)))

    def _one_epoch(self, indices: NDArray[np.int64], epoch: int) -> Draws:
        at = torch.from_numpy(indices)
        if epoch != self._epoch:
            self._start(epoch)
        if self._draws is None:
            return self.drawer.draw(at, epoch)
        if self._missing:
            self._fill(indices, epoch, self._draws)
        return Draws(*(values.index_select(0, at) for values in self._draws))

    def _start(self, epoch: int) -> None:
        """Forget the epoch before; make room at the first one."""
        n_new = self.drawer.recipe.n_synthetic
        if self._epoch == -1:
            blank = self.drawer.draw(torch.empty(0, dtype=torch.int64), 0)
            row_bytes = sum(values.element_size() * values.shape[1:].numel() for values in blank)
            if n_new * row_bytes <= _CACHE_BYTES:
                self._draws = Draws(*(values.new_empty(n_new, *values.shape[1:]) for values in blank))
        self._drawn = np.zeros(-(-n_new // _BLOCK), dtype=np.bool_)
        self._missing = len(self._drawn)
        self._epoch = epoch

    def _fill(self, indices: NDArray[np.int64], epoch: int, draws: Draws) -> None:
        """Draw the blocks that these rows lie in and that are not there yet."""
        blocks = indices // _BLOCK
        wanted = np.unique(blocks[~self._drawn[blocks]])
        if not len(wanted):
            return
        rows = (wanted[:, None] * _BLOCK + np.arange(_BLOCK)).ravel()
        at = torch.from_numpy(rows[rows < len(draws.base)])
        for store, values in zip(draws, self.drawer.draw(at, epoch), strict=True):
            store.index_copy_(0, at, values)
        self._drawn[wanted] = True
        self._missing -= len(wanted)
