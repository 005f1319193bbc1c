"""A number that worker processes share with the process that sets it."""

from __future__ import annotations

import multiprocessing
import os

import torch
from torch import Tensor

__all__ = ["SharedNumber", "is_worker", "this_process"]


class _Process:
    """This process's number, kept: asking the system for each batch would cost more than the rest."""

    def __init__(self) -> None:
        self.look()
        if hasattr(os, "register_at_fork"):  # elsewhere nothing forks
            os.register_at_fork(after_in_child=self.look)

    def look(self) -> None:
        self.number = os.getpid()


_here = _Process()


def this_process() -> int:
    """The number of this process."""
    return _here.number


def is_worker() -> bool:
    """Whether this process only works for another one.

    Worker processes of loaders are daemonic, that is, must have no children. Ranks of one training are not:
    they have worker processes of their own.
    """
    return multiprocessing.current_process().daemon


class SharedNumber:
    """One int64 in shared memory; a copy sent to a worker process is the same number.

    A process that is no worker, such as a rank that got its copy as an argument, starts from the number it
    finds, and has its own from then on.

    Args:
        cell: The memory, shape (), as a copy gets it; None: new, and 0.
        process: The process that it belongs to; None: this one.
    """

    def __init__(self, cell: Tensor | None = None, process: int | None = None) -> None:
        self._use(torch.zeros((), dtype=torch.int64) if cell is None else cell)
        self._process = _here.number if process is None else process

    def __reduce__(self) -> tuple[type[SharedNumber], tuple[Tensor, int]]:
        self._settle()
        return SharedNumber, (self._cell, self._process)

    def get(self) -> int:
        """The number."""
        self._settle()
        return int(self._view)

    def set(self, number: int) -> None:
        """Change it, for every process that has it."""
        self._settle()
        self._view[...] = number

    def _use(self, cell: Tensor) -> None:
        self._cell = cell.share_memory_()
        self._view = cell.numpy()  # read for each batch: a tensor's .item() costs microseconds

    def _settle(self) -> None:
        if self._process != _here.number:
            self._process = _here.number
            if not is_worker():
                self._use(self._cell.clone())
