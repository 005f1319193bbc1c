"""Batches of tensors, shuffled anew in every epoch, and as many of them as there are steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import BatchSampler, DataLoader, RandomSampler, TensorDataset

__all__ = ["shuffled_batches", "until_steps"]


def shuffled_batches(x: Tensor, y: Tensor, batch_size: int, seed: int) -> DataLoader[Any]:
    """Shuffled batches, each with one gather: the fastest plain DataLoader, so that rows/s compare fairly.

    Args:
        x: Rows, shape (n, ...).
        y: Targets, shape (n,).
        batch_size: Rows of a batch; what is left over in an epoch is not used.
        seed: Of the order.
    """
    dataset = TensorDataset(x, y)
    shuffled = RandomSampler(dataset, generator=torch.Generator().manual_seed(seed))
    batches = BatchSampler(shuffled, batch_size, drop_last=True)
    own = torch.Generator().manual_seed(seed)  # else the loader draws from the global state
    return DataLoader(dataset, sampler=batches, batch_size=None, generator=own)


def until_steps(
    loader: Iterable[Any], steps: int, batch_size: int, set_epoch: Callable[[int], None]
) -> Iterator[Any]:
    """Batches of epoch after epoch until the steps are used up.

    Args:
        loader: Batches of one epoch each time it is iterated.
        steps: How many batches in all.
        batch_size: Rows of a batch, for the error.
        set_epoch: Told each epoch before it begins.

    Raises:
        ValueError: If the loader has no full batch.
    """
    step = epoch = 0
    while step < steps:
        set_epoch(epoch)
        before = step
        for batch in loader:
            if step == steps:
                return
            yield batch
            step += 1
        epoch += 1
        if step == before:
            raise ValueError(f"`batch_size`={batch_size} is larger than the training part; lower it")
