"""Which of how many ranks a sampler serves, and what is dealt out to it."""

from __future__ import annotations

from collections.abc import Iterator
from operator import index as as_int
from typing import Any

import numpy as np
from torch import distributed

from .plan import Rows

__all__ = ["deal", "resolve_ranks", "turns_of"]


def turns_of(count: int, ranks: int, drop_last: bool) -> int:
    """How often each rank takes one of ``count`` things, so that all take as many.

    >>> turns_of(7, 2, drop_last=False), turns_of(7, 2, drop_last=True)
    (4, 3)
    """
    return count // ranks if drop_last else -(-count // ranks)


def deal(
    start: int, total: int, ranks: int, rank: int, drop_last: bool, size: int
) -> Iterator[tuple[Rows, int, int]]:
    """Numbers ``start`` to ``total - 1``, dealt out to the ranks in turn; the share of one of them.

    Where the last turn is not full, it goes on with 0, 1, ..., or with ``drop_last`` is left out.

    Args:
        start: The first number.
        total: The number after the last one.
        ranks: How many take part, at most ``total``.
        rank: Which of them this is.
        drop_last: Whether a turn that is not full is left out.
        size: At most as many numbers at a time.

    Yields:
        Numbers, int64, shape (p,); up to which number all ranks have come with them; and how many the ranks
        take together with each of them. Either way the last number ends at ``total``.

    >>> [list(deal(0, 5, 2, rank, False, 9)) for rank in (0, 1)]
    [[(array([0, 2]), 4, 2), (array([4]), 5, 1)], [(array([1, 3]), 4, 2), (array([0]), 5, 1)]]
    """
    turns = turns_of(total - start, ranks, drop_last)
    whole = turns if turns * ranks == total - start else max(0, turns - 1)
    for first in range(0, whole, size):
        last = min(first + size, whole)
        yield start + rank + ranks * np.arange(first, last), start + last * ranks, ranks
    if whole < turns:
        at = start + whole * ranks
        yield np.array([(at + rank) % total]), total, total - at


def resolve_ranks(num_replicas: Any, rank: Any, available: int, of_what: str) -> tuple[int, int]:
    """Number of ranks and this one, checked; None stands for those of the default process group.

    Args:
        num_replicas: Number of ranks, or None.
        rank: This rank, or None.
        available: How much there is for all ranks; each needs one.
        of_what: What is counted, for the message.

    Raises:
        TypeError: If one is no int.
        ValueError: If they do not fit, or one is None without a process group.

    >>> resolve_ranks(2, 1, 10, "rows")
    (2, 1)
    """
    if num_replicas is None or rank is None:
        if not (distributed.is_available() and distributed.is_initialized()):
            raise ValueError(
                "`num_replicas` and `rank` are taken from the process group of torch.distributed, but there "
                "is none; call torch.distributed.init_process_group before, or give both"
            )
        num_replicas = distributed.get_world_size() if num_replicas is None else num_replicas
        rank = distributed.get_rank() if rank is None else rank
    for name, value in (("num_replicas", num_replicas), ("rank", rank)):
        if isinstance(value, bool) or not hasattr(value, "__index__"):
            raise TypeError(f"`{name}` must be an int, got {type(value).__name__}")
    num_replicas, rank = as_int(num_replicas), as_int(rank)
    if num_replicas < 1:
        raise ValueError(f"`num_replicas` must be at least 1, got {num_replicas}")
    if not 0 <= rank < num_replicas:
        raise ValueError(f"`rank` must be in [0, {num_replicas}), the `num_replicas` ranks, got {rank}")
    if num_replicas > available:
        raise ValueError(
            f"`num_replicas`={num_replicas} is more than the {available} {of_what} of an epoch, so a rank "
            "would have none; use fewer processes"
        )
    return num_replicas, rank
