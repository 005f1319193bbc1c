"""How many threads torch uses inside a block."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

__all__ = ["torch_threads"]


@contextmanager
def torch_threads(count: int) -> Iterator[None]:
    """Let torch use ``count`` threads inside the block, and put the number back afterwards.

    A step of a network this small has nothing to share out, and threads that wait for each other by spinning
    lose their core to any other program: on a busy machine of 2 cores a step took 2 ms with one thread and
    150 ms with two.

    Args:
        count: At least 1.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
