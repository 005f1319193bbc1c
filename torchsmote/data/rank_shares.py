"""Rows computed by several processes of torch.distributed, each a share, so that all end with all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, distributed

from ..process_group import Ranks, check_same

__all__ = ["agreed", "computed_by_all", "is_shared"]


def is_shared() -> bool:
    """Whether this is one of several processes of torch.distributed."""
    together = distributed.is_available() and distributed.is_initialized()
    return together and distributed.get_world_size() > 1


def agreed(true: bool, group: Any) -> bool:
    """Whether it is true on every process of the group; None: this one alone."""
    return true if group is None else all(Ranks.of(group).told(true))


def computed_by_all(
    batches: Sequence[Tensor], compute: Callable[[Sequence[Tensor]], Tensor], group: Any
) -> Tensor:
    """The rows of all batches, in order, of which each process computes a share.

    Batches are never cut, since a row's last bits may depend on what it is computed together with: so the
    result is that of one process, bit for bit.

    Args:
        batches: Numbers of rows, the same on every process.
        compute: From some of the batches to their rows, on the CPU, shape (n, ...).
        group: A group of torch.distributed; None: this process computes all.

    Raises:
        ValueError: On all processes, where one raised it, or the rows of processes differ in width or dtype;
            it says which. A TypeError likewise, and RuntimeError for any other error.
    """
    if group is None:
        return compute(batches)
    ranks = Ranks.of(group)
    cuts = [len(batches) * place // ranks.size for place in range(ranks.size + 1)]
    shares = [batches[first:end] for first, end in pairwise(cuts)]

    def look() -> tuple[Tensor | None, Any]:
        if not shares[ranks.rank]:
            return None, None
        rows = compute(shares[ranks.rank])
        return rows, (rows.dtype, tuple(rows.shape[1:]))

    own, told = ranks.agree(look)
    any_kind = next(kind for kind in told if kind is not None)
    kinds = [any_kind if kind is None else kind for kind in told]  # by rank, for the message
    check_same([{"features": f"{dtype} {shape}"} for dtype, shape in kinds])
    dtype, shape = any_kind
    rows = torch.empty((0, *shape), dtype=dtype) if own is None else own
    # NCCL sends what lies on a GPU, and nothing else.
    sent = rows.cuda() if distributed.get_backend(group) == "nccl" else rows
    return ranks.gather(sent, [sum(map(len, share)) for share in shares]).cpu()
