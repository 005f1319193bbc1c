"""The classes that are to grow: the rows of each, and who is an enemy of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ..targets import Targets

__all__ = ["ClassTask", "tasks_of"]


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


def tasks_of(targets: Targets, asked: Mapping[Any, int], device: torch.device) -> list[ClassTask]:
    """A task for each class of which rows are asked for, in the order of the classes.

    Args:
        targets: The labels of the table.
        asked: Class -> synthetic rows.
        device: The computing device.
    """
    codes = torch.from_numpy(targets.codes).to(device)
    return [
        ClassTask(
            label, position, torch.from_numpy(targets.rows_of(position)).to(device), asked[label], codes
        )
        for position, label in enumerate(targets.keys)
        if asked.get(label, 0)
    ]
