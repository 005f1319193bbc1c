"""A batch that is already made: torch's default collate hands it on as it is, others see ordinary tuples.

`torch.utils.data.default_collate` looks functions up by the type of a batch's first element; registering one
for a type of one's own is its documented extension point.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, overload

import torch
from torch import Tensor
from torch.utils.data._utils.collate import collate, default_collate_fn_map

from .plan import Provenance

__all__ = ["Batch", "Stack", "Row"]

Stack = Tensor | Provenance


class Row(tuple[Any, ...]):
    """One sample of a `Batch`: a tuple whose type tells default_collate where it comes from."""

    __slots__ = ()


class Batch(Sequence[Row]):
    """Samples of a batch of which only the stacked stacks exist.

    Args:
        stacks: Each of shape (b, ...); a `Provenance` of such.
    """

    def __init__(self, stacks: Sequence[Stack]) -> None:
        self.stacks = list(stacks)

    def __len__(self) -> int:
        return len(self.stacks[0])

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        if isinstance(index, slice):
            return list(self)[index]
        return Row(_at(stack, index) for stack in self.stacks)

    def __iter__(self) -> Iterator[Row]:
        return map(Row, zip(*(_split(stack) for stack in self.stacks), strict=True))


def _at(stack: Stack, index: int) -> Any:
    if isinstance(stack, Provenance):
        return Provenance(*(values.select(0, index) for values in stack))
    return stack.select(0, index)


def _split(stack: Stack) -> Any:
    if isinstance(stack, Provenance):
        return map(Provenance, *(values.unbind(0) for values in stack))
    return stack.unbind(0)


def cut(stacks: Sequence[Stack], size: int) -> Iterator[tuple[Stack, ...]]:
    """Batches of ``size`` samples, the last maybe smaller; they share no memory.

    Each tensor has a version counter of its own. Plain views would share one, and modifying a batch in place
    would spoil the backward pass of another.
    """
    return zip(*(_pieces(stack, size) for stack in stacks), strict=True)


def _pieces(stack: Stack, size: int) -> Any:
    if isinstance(stack, Provenance):
        return map(Provenance, *(torch.unsafe_split(values, size) for values in stack))
    return torch.unsafe_split(stack, size)


def _collate_rows(batch: Sequence[Row], *, collate_fn_map: Any = None) -> Any:
    if isinstance(batch, Batch):
        return batch.stacks
    return collate([tuple(row) for row in batch], collate_fn_map=collate_fn_map)


default_collate_fn_map[Row] = _collate_rows
