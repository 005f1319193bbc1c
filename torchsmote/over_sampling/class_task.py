"""One class that is to grow: its rows, and who is an enemy of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch import Tensor

__all__ = ["ClassTask"]


@dataclass(frozen=True, eq=False)
class ClassTask:
    """One class that is to grow.

    Attributes:
        label: The class.
        position: Its position in ``classes_``.
        rows: Its rows, int64, shape (n_c,), on the computing device.
        n_new: Synthetic rows asked for.
        codes: Class position of every row of the table, int64, shape (n,).
    """

    label: Any
    position: int
    rows: Tensor
    n_new: int
    codes: Tensor

    def is_enemy(self, neighbors: Tensor) -> Tensor:
        """Which rows of the table are of another class, bool, in the shape of ``neighbors``."""
        return self.codes[neighbors] != self.position

    @property
    def others(self) -> Tensor:
        """The rows of all other classes, int64, ascending."""
        return (self.codes != self.position).nonzero()[:, 0]
