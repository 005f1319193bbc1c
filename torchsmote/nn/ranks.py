"""Training on several processes: which one this is, and what all of them hold."""

from __future__ import annotations

import torch
from torch import Tensor, distributed

__all__ = ["gathered", "rank"]


def rank() -> int:
    """Number of this process among those of torch.distributed; 0 where there is but one."""
    return distributed.get_rank() if _together() else 0


def gathered(values: Tensor) -> Tensor:
    """The tensors of all processes, which have one shape, stacked in the order of ranks: (world, ...).

    No gradient passes, and on a device the host does not wait.
    """
    if not _together():
        return values.unsqueeze(0)
    values = values.detach().contiguous()
    every = [torch.empty_like(values) for _ in range(distributed.get_world_size())]
    distributed.all_gather(every, values)
    return torch.stack(every)


def _together() -> bool:
    return distributed.is_available() and distributed.is_initialized()
