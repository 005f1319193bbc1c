"""Draws by (epoch, row): with the resampler's rules kept, and those of one epoch remembered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..constraint import Rule, redraw_invalid
from ..draws import Draws
from ..over_sampling.base import OverSampler
from ..recipe import Recipe
from ..targets import encode
from .plan import Mix, Plan, Rows, make_plan
from .voting import Electorate

__all__ = ["ByEpoch", "DrawCache", "Drawer"]

_BLOCK = 4096  # consecutive rows drawn together; alone, a batch of 256 costs ten times more a row
_CACHE_BYTES = 64 << 20


@dataclass(frozen=True, eq=False)
class Drawer:
    """Draws synthetic rows: a pure function of (seed, epoch, row).

    Attributes:
        recipe: What may be drawn, on the CPU.
        n_real: Rows of the table that the recipe counts in.
        seed: In [0, 2**64).
        rules: What rows must satisfy.
        max_redraws: Attempts after the first.
        rows: The table, shape (n, d); None where there are no rules.
        electorate: Who votes on categories; None: there are none.
    """

    recipe: Recipe
    n_real: int
    seed: int
    rules: Sequence[Rule] = ()
    max_redraws: int = 0
    rows: Tensor | None = None
    electorate: Electorate | None = None

    @classmethod
    def of(
        cls, resampler: Any, recipe: Recipe, rows: Tensor | None, labels: Any, seed: int, votes: bool = False
    ) -> Drawer:
        """The drawer of a resampler that was fitted on features, shape (n, d), and labels, shape (n,).

        ``rows`` may be None where it is known that no rule needs them.
        """
        n_real = len(labels)
        electorate = Electorate(recipe, n_real, seed, type(resampler).__name__) if votes else None
        if rows is None or not isinstance(resampler, OverSampler):
            return cls(recipe, n_real, seed, electorate=electorate)
        rows = rows.cpu()
        rules = resampler.rules(rows, encode(labels))
        kept = rows if rules else None
        return cls(recipe, n_real, seed, rules, resampler.max_redraws, kept, electorate)

    @property
    def length(self) -> int:
        """Rows of an epoch, real and synthetic."""
        return self.n_real + self.recipe.n_synthetic

    def at(self, epoch: int) -> Drawer:
        """Itself: what `DrawCache` asks of an object that may have another drawer for each epoch."""
        return self

    def draw(self, indices: Tensor, epoch: int, strict: bool = True) -> Draws:
        """Draw the synthetic rows of the given numbers, int64, shape (s,).

        Rows that cannot meet the rules raise ValueError; without ``strict`` their steps are NaN.
        """
        draws = self.recipe.draw(indices, self.seed, epoch)
        if not self.rules or self.rows is None:
            return draws

        def again(positions: Tensor, attempt: int) -> Draws:
            return self.recipe.draw(indices[positions], self.seed, epoch, attempt=attempt)

        return redraw_invalid(self.rows, draws, again, self.rules, self.max_redraws, strict=strict)

    def plan(self, rows: Rows, epoch: int, draw: Callable[[Rows, Rows], Mix]) -> Plan:
        """Plan a batch of one epoch.

        Args:
            rows: Rows of the longer dataset, shape (b,).
            epoch: Their epoch.
            draw: See `make_plan`.
        """
        electorate = self.electorate
        if electorate is None:
            return make_plan(rows, self.n_real, draw)
        return make_plan(rows, self.n_real, draw, lambda new, _, base: electorate.ballot(epoch, new, base))

    def mix(self, indices: Rows, epoch: int, strict: bool = True) -> Mix:
        """The same as a plan needs it, without the labels."""
        draws = self.draw(torch.from_numpy(indices), epoch, strict)
        # The values of half-precision steps are kept exactly in float32, which numpy knows.
        steps = draws.steps if draws.steps.element_size() >= 4 else draws.steps.float()
        return Mix(draws.base.numpy(), draws.neighbors.numpy(), steps)


class ByEpoch(Protocol):
    """What knows the drawer of each epoch."""

    def at(self, epoch: int) -> Drawer:
        """The drawer of an epoch."""
        ...


class DrawCache:
    """Remembers the draws of the epoch read last: 12 bytes a synthetic row (24 in float64), at most 64 MiB.

    A recipe of more rows than that is not cached: its rows are drawn whenever they are read, ten times slower
    a row in small batches, and equal. A copy for another process starts empty.

    Args:
        drawers: Gives the drawer of an epoch; a `Drawer` gives itself for each.
    """

    def __init__(self, drawers: ByEpoch) -> None:
        self.drawers = drawers
        self._drawer: Drawer | None = None  # of the epoch read last
        self._epoch = -1
        self._store: NDArray[Any] | None = None  # records of base, neighbors and steps, shape (n_new,)
        self._drawn = np.zeros(0, dtype=np.bool_)
        self._missing = 0

    def __reduce__(self) -> tuple[type[DrawCache], tuple[ByEpoch]]:
        return DrawCache, (self.drawers,)

    def draw(self, indices: Rows, positions: Rows, epochs: Rows | int) -> Mix:
        """Draw synthetic rows, remembering.

        Args:
            indices: Their numbers, shape (s,).
            positions: Where they stand in the batch, shape (s,).
            epochs: The batch's epoch, or one for each of its samples, shape (b,).

        Returns:
            Base, neighbors and steps of each.
        """
        if isinstance(epochs, int):
            return self._one_epoch(indices, epochs)
        own = epochs[positions]
        parts = [self._one_epoch(indices[own == epoch], int(epoch)) for epoch in np.unique(own)]
        if len(parts) <= 1:
            return parts[0] if parts else self._one_epoch(indices, 0)
        back = np.argsort(np.argsort(own, kind="stable"), kind="stable")
        base, neighbors, steps = zip(*parts, strict=True)
        return Mix(
            np.concatenate(base)[back],
            np.concatenate(neighbors)[back],
            torch.cat(steps)[torch.from_numpy(back)],
        )

    def _one_epoch(self, indices: Rows, epoch: int) -> Mix:
        drawer = self.drawers.at(epoch)
        if epoch != self._epoch or drawer is not self._drawer:
            self._start(epoch, drawer)
        if self._store is None:
            return drawer.mix(indices, epoch)
        if self._missing:
            self._fill(drawer, indices, epoch, self._store)
        found = self._store.take(indices)
        if drawer.rules and np.isnan(found["steps"]).any():
            return drawer.mix(indices, epoch)  # raises, and counts the rows that were asked for
        base, neighbors = found["base"].astype(np.int64), found["neighbors"].astype(np.int64)
        return Mix(base, neighbors, torch.from_numpy(found["steps"]))

    def _start(self, epoch: int, drawer: Drawer) -> None:
        """Forget the epoch before; make room where the drawer is another."""
        n_new = drawer.recipe.n_synthetic
        if drawer is not self._drawer:
            self._store = _room(drawer)
        self._drawn = np.zeros(-(-n_new // _BLOCK), dtype=np.bool_)
        self._missing = len(self._drawn)
        self._epoch, self._drawer = epoch, drawer

    def _fill(self, drawer: Drawer, indices: Rows, epoch: int, store: NDArray[Any]) -> None:
        """Draw the blocks that these rows lie in and that are not there yet.

        A row that cannot meet the rules is remembered as such: it must not keep its block from being
        read.
        """
        blocks = indices // _BLOCK
        wanted = np.unique(blocks[~self._drawn[blocks]])
        if not len(wanted):
            return
        rows = (wanted[:, None] * _BLOCK + np.arange(_BLOCK)).ravel()
        at = rows[rows < len(store)]
        mix = drawer.mix(at, epoch, strict=False)
        store["base"][at], store["neighbors"][at] = mix.base, mix.neighbors
        store["steps"][at] = mix.steps.numpy()
        self._drawn[wanted] = True
        self._missing -= len(wanted)


def _room(drawer: Drawer) -> NDArray[Any] | None:
    """Records for the draws of one epoch; None where they would need too much memory."""
    blank = drawer.mix(np.zeros(0, dtype=np.int64), 0).steps.numpy()
    # One small record a row: each read is a wait for memory.
    row = np.int32 if blank.itemsize == 4 and drawer.n_real <= 2**31 else np.int64
    m = (blank.shape[1],)
    record = np.dtype([("base", row), ("neighbors", row, m), ("steps", blank.dtype, m)])
    n_new = drawer.recipe.n_synthetic
    return np.empty(n_new, dtype=record) if n_new * record.itemsize <= _CACHE_BYTES else None
