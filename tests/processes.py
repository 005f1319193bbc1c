"""Work done by several processes of torch.distributed, for tests."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from datetime import timedelta
from multiprocessing import set_forkserver_preload
from pathlib import Path
from typing import Any

import torch
from torch import distributed, multiprocessing

PATIENCE = timedelta(seconds=120)  # a rank that waits longer for another fails its test
# What is slow to import, where the tests use it.
_SLOW = ("torch", "torchsmote", "lightning.pytorch", "accelerate")


def run_ranks(work: Callable[..., Any], world_size: int, *args: Any, backend: str = "gloo") -> list[Any]:
    """Run ``work(rank, *args)`` in each of ``world_size`` processes; what each returned, in rank order.

    They are forked from a server that has imported what is slow, once for all calls: the first call takes as
    long as these imports, a later one some tenths of a second. A rank that raises fails the call with its
    traceback; to look at an error, catch it in ``work`` and return it.

    Args:
        work: A function at the top of a module, so that a new process can import it.
        world_size: How many processes.
        *args: Anything that can be pickled.
        backend: What carries their messages.
    """
    set_forkserver_preload([module for module in _SLOW if module in sys.modules])  # the first call's count
    with tempfile.TemporaryDirectory() as folder:
        multiprocessing.start_processes(
            _one_rank, (work, world_size, args, folder, backend), nprocs=world_size, start_method="forkserver"
        )
        saved = [Path(folder) / f"{rank}.pt" for rank in range(world_size)]
        return [torch.load(file, weights_only=False) for file in saved]


def _one_rank(
    rank: int, work: Callable[..., Any], world_size: int, args: tuple[Any, ...], folder: str, backend: str
) -> None:
    torch.set_num_threads(1)
    # What torchrun sets, for libraries that look there.
    os.environ.update(
        RANK=str(rank), LOCAL_RANK=str(rank), WORLD_SIZE=str(world_size), LOCAL_WORLD_SIZE=str(world_size)
    )
    # A file to meet at: a port that was free a moment ago may not be any more.
    distributed.init_process_group(
        backend, init_method=f"file://{folder}/meet", rank=rank, world_size=world_size, timeout=PATIENCE
    )
    try:
        torch.save(work(rank, *args), f"{folder}/{rank}.pt")
    finally:
        distributed.destroy_process_group()
