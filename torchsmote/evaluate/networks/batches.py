"""Batches of tensors, shuffled anew in every epoch, and as many of them as there are steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import BatchSampler, DataLoader, RandomSampler, TensorDataset

__all__ = ["TensorBatches", "shuffled_batches", "until_steps"]


class TensorBatches:
    """Shuffled batches without a DataLoader: a third of a step of a small network went into lists of numbers.

    Each iteration is an epoch in a new order; what is left over in it is not used.

    Args:
        x: Rows, shape (n, ...).
        y: Targets, shape (n,).
        batch_size: Rows of a batch, at most n.
        seed: Of the order.

    >>> [len(x) for x, _ in TensorBatches(torch.zeros(9, 2), torch.zeros(9), batch_size=4, seed=0)]
    [4, 4]
    """

    def __init__(self, x: Tensor, y: Tensor, batch_size: int, seed: int) -> None:
        self.x, self.y = x, y
        self.batch_size = batch_size
        self._generator = torch.Generator().manual_seed(seed)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        order = torch.randperm(len(self.x), generator=self._generator)
        whole = len(order) // self.batch_size * self.batch_size
        for rows in order[:whole].to(self.x.device).split(self.batch_size):
            yield self.x.index_select(0, rows), self.y.index_select(0, rows)


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
