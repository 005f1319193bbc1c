"""One thread for all numerical libraries inside a block."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from threadpoolctl import threadpool_limits

from ...threads import torch_threads

__all__ = ["one_thread"]


@contextmanager
def one_thread() -> Iterator[None]:
    """Let torch, BLAS and OpenMP use one thread each.

    Sums of several threads are rounded in another order: the results of a fold would depend on how many folds
    run beside it. And busy pools on the same cores take each other's time.
    """
    with torch_threads(1), threadpool_limits(1):
        yield
