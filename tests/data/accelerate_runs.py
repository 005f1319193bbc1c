"""Loops under Accelerate's Accelerator; at module level, so that other processes can import them."""

from __future__ import annotations

from typing import Any

import torch
from accelerate import Accelerator, DataLoaderConfiguration, skip_first_batches
from loop_data import tensors
from torch import Tensor
from torch.utils.data import BatchSampler, DataLoader

from torchsmote.data import BalancedBatchSampler, DistributedSMOTESampler, SMOTESampler

BATCH = 8
CONFIGURATIONS: dict[str, dict[str, Any]] = {
    "default": {},
    "dispatched": {"dispatch_batches": True},
    "split": {"split_batches": True},
    "uneven": {"even_batches": False},
    "seedable": {"use_seedable_sampler": True},
}


def accelerator(**given: Any) -> Accelerator:
    """On the CPU; of the processes that torch.distributed has."""
    return Accelerator(cpu=True, dataloader_config=DataLoaderConfiguration(**given))


def loader(order: Any, batch_size: int = BATCH, workers: int = 0) -> DataLoader[Any]:
    """A loader in the order of a sampler, or of a batch sampler."""
    batched = isinstance(order, BatchSampler)
    which = {"batch_sampler": order} if batched else {"sampler": order, "batch_size": batch_size}
    return DataLoader(
        order.dataset,
        num_workers=workers,
        multiprocessing_context="fork" if workers else None,
        generator=torch.Generator().manual_seed(0),
        **which,
    )


def read(batches: Any) -> list[Tensor]:
    """Features and label of each batch, shape (b, D + 1)."""
    return [torch.cat((x, y[:, None]), 1) for x, y in batches]


def epochs(batches: Any, numbers: Any = (0, 1)) -> list[list[Tensor]]:
    """Epochs as a loop under Accelerate should read them: each is named at its head."""
    found = []
    for epoch in numbers:
        batches.set_epoch(epoch)
        found.append(read(batches))
    return found


def runs(rank: int = 0) -> dict[str, Any]:
    """What this process reads, in runs of all kinds."""
    found: dict[str, Any] = {}
    for name, given in CONFIGURATIONS.items():
        found[name] = epochs(accelerator(**given).prepare(loader(SMOTESampler(tensors()))))
    prepare = accelerator().prepare
    found["workers"] = epochs(prepare(loader(SMOTESampler(tensors()), workers=2)))
    found["unnamed"] = [
        read(batches) for batches in [prepare(loader(SMOTESampler(tensors())))] for _ in (0, 1)
    ]
    found["balanced"] = epochs(prepare(loader(BalancedBatchSampler(tensors(), BATCH))))
    found["padded"] = epochs(prepare(loader(SMOTESampler(tensors()), batch_size=9)))
    data = tensors()
    dealt = DistributedSMOTESampler(data, accelerator().num_processes, rank)
    found["dealt twice"] = epochs(prepare(loader(dealt)))
    found["dealt once"] = epochs(prepare(loader(SMOTESampler(data))))
    resumed = prepare(loader(SMOTESampler(tensors())))
    resumed.set_epoch(1)
    found["skipped"] = [read(skip_first_batches(resumed, 2)), *epochs(resumed, (2,))]
    return found
