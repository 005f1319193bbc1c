"""A number that worker processes share with the process that sets it."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["SharedNumber"]


class SharedNumber:
    """One int64 in shared memory; a copy sent to a worker process is the same number.

    Args:
        cell: The memory, shape (), as a copy gets it; None: new, and 0.
    """

    def __init__(self, cell: Tensor | None = None) -> None:
        self._cell = torch.zeros((), dtype=torch.int64) if cell is None else cell
        self._cell.share_memory_()
        self._view = self._cell.numpy()  # read for each batch: a tensor's .item() costs microseconds

    def __reduce__(self) -> tuple[type[SharedNumber], tuple[Tensor]]:
        return SharedNumber, (self._cell,)

    def get(self) -> int:
        """The number."""
        return int(self._view)

    def set(self, number: int) -> None:
        """Change it, for every process that has it."""
        self._view[...] = number
