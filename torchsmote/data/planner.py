"""Planner: the batches of real and synthetic rows that fits of a resampler allow."""

from __future__ import annotations

from functools import partial

import numpy as np

from ..recipe import Recipe
from .drawing import DrawCache
from .fitting import Fit
from .generations import Generations
from .indices import locate
from .plan import Ballot, Plan, Rows, make_plan

__all__ = ["Planner"]


class Planner:
    """Plans batches.

    Args:
        fit: What may be drawn, until there is another.
    """

    def __init__(self, fit: Fit) -> None:
        self.generations = Generations(fit.drawer, fit.restore)
        self._cache = DrawCache(self.generations)

    @property
    def recipe(self) -> Recipe:
        """What may be drawn in the latest epochs, on the CPU."""
        return self.generations.newest.recipe

    @property
    def length(self) -> int:
        """Rows of an epoch, real and synthetic."""
        return self.generations.newest.length

    def plan(self, indices: Rows, epoch: int) -> Plan:
        """The plan of a batch.

        Args:
            indices: Any indices, of any epochs, shape (b,).
            epoch: The epoch of indices below the longer dataset's length.
        """
        newest, since = self.generations.newest, self.generations.since
        rows, epochs = locate(indices, newest.length, epoch)
        if since and not (rows >= newest.n_real).any():  # real rows are the same in epochs long past
            epochs = max(int(np.max(epochs)), since)
        if isinstance(epochs, int):
            return self.generations.at(epochs).plan(rows, epochs, partial(self._cache.draw, epochs=epochs))
        vote = None if newest.electorate is None else partial(self._ballot, epochs)
        return make_plan(rows, newest.n_real, partial(self._cache.draw, epochs=epochs), vote)

    def _ballot(self, epochs: Rows, numbers: Rows, positions: Rows, base: Rows) -> Ballot:
        """The ballot of synthetic rows of several epochs, each shape (s,) but ``epochs``, shape (b,)."""
        own = epochs[positions]
        seed, parts = self.generations.newest.seed, []
        for epoch in np.unique(own).tolist():
            at = (own == epoch).nonzero()[0]
            electorate = self.generations.at(epoch).electorate
            assert electorate is not None
            parts.append((at, electorate.ballot(epoch, numbers[at], base[at]).voters))
        voters = np.full((len(own), max((part.shape[1] for _, part in parts), default=1)), -1)
        for at, part in parts:
            voters[at, : part.shape[1]] = part
        return Ballot(voters, numbers, own, seed)
