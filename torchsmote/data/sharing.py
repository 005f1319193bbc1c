"""Rows computed by several processes of torch.distributed, each a share, so that all end with all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, distributed

__all__ = ["agreed", "all_processes", "computed_by_all"]


def all_processes() -> Any:
    """The default group of torch.distributed; None where there is but one process."""
    together = distributed.is_available() and distributed.is_initialized()
    return distributed.group.WORLD if together and distributed.get_world_size() > 1 else None


def agreed(true: bool, group: Any) -> bool:
    """Whether it is true on every process of the group; None: this one alone."""
    return all(_told(true, group))


def computed_by_all(
    batches: Sequence[Tensor], compute: Callable[[Sequence[Tensor]], Tensor], group: Any
) -> Tensor:
    """The rows of all batches, in order, of which each process computes a share.

    Batches are never cut, since a row's last bits may depend on what it is computed together with: so the
    result is that of one process, bit for bit.

    Args:
        batches: Numbers of rows, the same on every process.
        compute: From some of the batches to their rows, on the CPU, shape (n, d).
        group: A group of torch.distributed; None: this process computes all.

    Raises:
        RuntimeError: On all processes, where one failed; it says which and why.
        ValueError: If the rows of processes differ in width or dtype.
    """
    if group is None:
        return compute(batches)
    rank, world = distributed.get_rank(group), distributed.get_world_size(group)
    cuts = [len(batches) * place // world for place in range(world + 1)]
    shares = [batches[first:end] for first, end in pairwise(cuts)]
    own, failure = torch.empty(0), None
    try:
        own = compute(shares[rank]) if shares[rank] else own
    except Exception as error:  # told to the others first: they would wait for this process
        failure = error
    facts = None if failure else (str(own.dtype), tuple(own.shape[1:])) if shares[rank] else ()
    told = _told((facts, str(failure)), group)
    if failure is not None:
        raise failure
    for place, (fact, reason) in enumerate(told):
        if fact is None:
            raise RuntimeError(f"the process of rank {place} failed to compute its share of rows: {reason}")
    kinds = sorted({fact for fact, _ in told if fact})
    if len(kinds) > 1:
        raise ValueError(
            f"the processes computed rows of different kinds, {kinds}; give all the same encoder"
        )
    return _gathered(own, kinds[0], [sum(map(len, share)) for share in shares], rank, group)


def _gathered(
    own: Tensor, kind: tuple[str, tuple[int, ...]], sizes: list[int], rank: int, group: Any
) -> Tensor:
    """Rows of all processes behind one another: each sends its own in turn, so nothing is padded."""
    dtype = getattr(torch, kind[0].removeprefix("torch."))
    whole = torch.empty((sum(sizes), *kind[1]), dtype=dtype)
    # NCCL sends what lies on a GPU, and nothing else.
    by_gpu = distributed.get_backend(group) == "nccl"
    for place, part in enumerate(whole.split(sizes)):
        if not len(part):
            continue
        if place == rank:
            part.copy_(own)
        sent = part.cuda() if by_gpu else part
        distributed.broadcast(sent, distributed.get_global_rank(group, place), group=group)
        if by_gpu:
            part.copy_(sent)
    return whole


def _told(value: Any, group: Any) -> list[Any]:
    """What each process of the group says, in the order of ranks."""
    if group is None:
        return [value]
    told: list[Any] = [None] * distributed.get_world_size(group)
    distributed.all_gather_object(told, value, group=group)
    return told
