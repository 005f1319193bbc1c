"""The rows of each class, and the order in which an epoch hands them out."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from ..random import Purpose, stream_seed
from ..targets import Targets
from .plan import Rows

__all__ = ["ClassRows"]


class ClassRows:
    """Real and synthetic rows of each class.

    Args:
        targets: Labels of all rows, the real ones first.
        n_real: How many of them are real.

    Attributes:
        classes: The labels, sorted.
        real: How many real rows each class has, shape (c,).
    """

    def __init__(self, targets: Targets, n_real: int) -> None:
        self.classes: list[Any] = targets.keys
        self.real = np.bincount(targets.codes[:n_real], minlength=len(self.classes))
        # Stable, so that the real rows of a class come before its synthetic ones.
        self._rows = targets.codes.argsort(kind="stable")
        self._starts = np.cumsum([0, *targets.counts])

    def order(self, counts: Rows, seed: int, epoch: int) -> tuple[Rows, Rows]:
        """The rows of an epoch, class after class: a pure function of the arguments.

        Args:
            counts: How many of each class, shape (c,).
            seed: In [0, 2**64).
            epoch: In [0, 2**32).

        Returns:
            Rows, shape (sum of counts + c,), and where each class begins in them, shape (c,). Each has its
            count, shuffled: the real rows, filled up with synthetic ones; behind them stands one more.
        """
        generator = torch.Generator().manual_seed(stream_seed(seed, epoch, Purpose.BALANCE))
        starts = np.concatenate(([0], (counts + 1).cumsum()[:-1]))
        rows = np.empty(int((counts + 1).sum()), dtype=np.int64)
        for place, (start, count) in enumerate(zip(starts.tolist(), counts.tolist(), strict=True)):
            rows[start : start + count + 1] = self._of_class(place, count, generator)
        return rows, starts

    def _of_class(self, place: int, count: int, generator: torch.Generator) -> Rows:
        own = self._rows[self._starts[place] : self._starts[place + 1]]
        real, made = np.split(own, [self.real[place]])
        if len(real) > count:
            return _some(real, count + 1, generator)
        pool = made if len(made) else real
        times, more = divmod(count + 1 - len(real), len(pool))
        rows = np.concatenate((real, np.tile(pool, times), _some(pool, more, generator)))
        rows[:count] = _some(rows[:count], count, generator)
        return rows


def _some(rows: Rows, count: int, generator: torch.Generator) -> Rows:
    """That many of the rows, in random order."""
    return rows.take(torch.randperm(len(rows), generator=generator)[:count].numpy())
