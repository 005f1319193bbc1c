"""Loops under Accelerate's Accelerator; at module level, so that other processes can import them."""

from __future__ import annotations

from typing import Any

import torch
from accelerate import Accelerator, DataLoaderConfiguration
from torch import Tensor
from torch.utils.data import DataLoader

BATCH = 8


def accelerator(**given: Any) -> Accelerator:
    """On the CPU; of the processes that torch.distributed has."""
    return Accelerator(cpu=True, dataloader_config=DataLoaderConfiguration(**given))


def loader(order: Any, batch_size: int = BATCH, workers: int = 0, **given: Any) -> DataLoader[Any]:
    """A loader in the order of a sampler, or of a batch sampler."""
    batched = isinstance(order, torch.utils.data.BatchSampler)
    which = {"batch_sampler": order} if batched else {"sampler": order, "batch_size": batch_size}
    return DataLoader(
        order.dataset,
        num_workers=workers,
        multiprocessing_context="fork" if workers else None,
        generator=torch.Generator().manual_seed(0),
        **which,
        **given,
    )


def read(batches: Any) -> list[Tensor]:
    """Features and label of each batch, shape (b, D + 1)."""
    return [torch.cat((x, y[:, None]), 1) for x, y in batches]
