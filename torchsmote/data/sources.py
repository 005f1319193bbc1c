"""How the samples of a plan are made: from whole tensors at once, or item by item."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import get_worker_info

from ..neighbors.streamed import is_streamed
from .batch import Batch, Stack
from .categorical import categorical_positions
from .columns import Column, column_of
from .items import (
    append,
    floating_positions,
    is_floating,
    leaf_names,
    leaves,
    mix_items,
    read_items,
    replace_leaf,
    target_position,
)
from .labels import differs, is_label
from .plan import Plan, Provenance, Rows
from .voting import elect, vote_items

__all__ = ["ItemSource", "TensorSource", "check_label"]

_FIRST = np.zeros(1, dtype=np.int64)  # row 0


def check_label(target: int | None) -> int:
    """The label's position, which soft labels need; ValueError where items have none."""
    if target is None:
        raise ValueError(
            "`soft_labels=True` replaces the label in each item, but items hold none: one value as second "
            "leaf or under a key such as 'y', equal to `targets` where those are given; put the labels into "
            "the items, as in TensorDataset(X, y)"
        )
    return target


class Leaves:
    """What leaves the items of a source have.

    Attributes:
        names: What to call them.
        target: Position of the label; None where there is none.
        mixed: Positions of those that are interpolated.
        categorical: Positions of those that are voted.
    """

    names: list[str]
    target: int | None
    mixed: list[int]
    categorical: tuple[int, ...]

    @property
    def searched(self) -> int:
        """Position of the leaf that neighbors are searched in unless told; 0 where none is floating."""
        return self.mixed[0] if self.mixed else 0


class TensorSource(Leaves):
    """One gather and one interpolation for each tensor of a TensorDataset.

    Args:
        tensors: Each of shape (n, ...), n at least 1. The second of those that are no categories is the label
            where it holds one value a row.
        rows: Which of their rows are meant, shape (n_real,); None: all.
        has_label: False: the second is no label, whatever it holds.
        categorical: Positions of the tensors that hold categories.
        item: Row 0 of the tensors, in the structure that an item has; None: a tuple.
    """

    def __init__(
        self,
        tensors: Sequence[Tensor],
        rows: Rows | None = None,
        has_label: bool = True,
        categorical: tuple[int, ...] = (),
        item: Any = None,
    ) -> None:
        self.device = tensors[0].device
        self.categorical = categorical
        item = tuple(values[0] for values in tensors) if item is None else item
        self.names = leaf_names(item)
        self.target = target_position(item, categorical) if has_label else None
        self._rows = rows
        self._columns = [column_of(values) for values in tensors]
        self.mixed = floating_positions(item, self.target)

    @property
    def first(self) -> list[Any]:
        """Row 0 of each tensor."""
        return [column.take(_FIRST)[0] for column in self._columns]

    @property
    def row_bytes(self) -> int:
        """Bytes of a sample, at least 1."""
        return max(1, sum(column.take(_FIRST).nbytes for column in self._columns))

    def leaf(self, position: int) -> Any:
        """One tensor's rows, shape (n_real, ...); of a table that is read block by block, such a table."""
        column = self._columns[position]
        values: Any = column.values
        if self._rows is None:
            return values
        return values.only(self._rows) if is_streamed(values) else column.take(self._rows)

    def to(self, device: torch.device) -> TensorSource:
        """The same source with its tensors on ``device``."""
        moved = copy(self)
        moved.device = device
        moved._columns = [column_of(column.values.to(device)) for column in self._columns]
        return moved

    def holds_labels(self, position: int, labels: Any) -> bool:
        """Whether a tensor is the label: one value a row, everywhere that of ``labels``, shape (n_real,)."""
        return is_label(self.leaf(position), labels)

    def stacks(self, plan: Plan, soft: Tensor | None, provenance: Provenance | None) -> list[Stack]:
        """The batch as one tensor for each tensor of the dataset."""
        if self.device.type != "cpu":
            _refuse_worker(self.device)
        if self._rows is not None:
            plan = plan.through(self._rows)
        soft_place = None if soft is None else check_label(self.target)
        stacks: list[Stack] = []
        first = 0
        for position, column in enumerate(self._columns):
            if soft is not None and position == soft_place:
                stacks.append(soft.to(self.device))
            elif position in self.categorical:
                stacks.append(_voted(column, plan, first))
                first += column.values[:1].numel()
            else:
                stacks.append(column.mix(plan) if position in self.mixed else column.take(plan.base))
        if provenance is not None:
            stacks.append(Provenance(*(values.to(self.device) for values in provenance)))
        return stacks

    def samples(self, stacks: Sequence[Stack]) -> Any:
        """The batch as a DataLoader wants it: a sequence, which default_collate turns into the stacks."""
        return Batch(stacks)

    def collated(self, stacks: Sequence[Stack]) -> Any:
        """The batch as training wants it."""
        return list(stacks)

    def check_provenance(self) -> None:
        """Raise unless a provenance can be put into each sample."""


def _voted(column: Column, plan: Plan, first: int) -> Tensor:
    """The samples of a plan from a tensor of categories, whose columns are counted from ``first`` on."""
    made, ballot = column.take(plan.base), plan.ballot
    if ballot is None or not len(plan.synthetic):
        return made
    candidates = column.take(np.maximum(ballot.voters, 0).ravel()).unflatten(0, ballot.voters.shape)
    at = torch.from_numpy(plan.synthetic).to(made.device, non_blocking=True)
    return made.index_copy_(0, at, elect(candidates, ballot, first))


class ItemSource(Leaves):
    """Fetches the items that a plan names and mixes them leaf by leaf.

    Args:
        dataset: Any map-style dataset. Its ``__getitems__`` is used where it has one.
        targets: Labels that were given besides, shape (n,), or None. Where the label's place holds a float,
            items are read until one differs from them: then it is data.
        categorical: See `SMOTEDataset`.
    """

    def __init__(self, dataset: Any, targets: Any = None, categorical: Any = None) -> None:
        self.dataset = dataset
        first = dataset[0]
        self.categorical = categorical_positions(first, categorical)
        target = target_position(first, self.categorical)
        self.target = None if target is None or self._is_data(target, first, targets) else target
        self.mixed = floating_positions(first, self.target)
        self.names = leaf_names(first)

    @property
    def first(self) -> list[Any]:
        """The leaves of item 0."""
        return leaves(self.dataset[0])

    def _is_data(self, position: int, first: Any, targets: Any) -> bool:
        if targets is None or not is_floating(leaves(first)[position]):
            return False
        items = (first if index == 0 else self.dataset[index] for index in range(len(targets)))
        return any(
            differs(leaf, targets[index : index + 1])
            for index, item in enumerate(items)
            for leaf in leaves(item)[position : position + 1]  # none where the item is shorter
        )

    def holds_labels(self, position: int, labels: Any) -> bool:
        """Whether a leaf is the label; items are read until one differs."""
        return all(
            is_label(leaves(self.dataset[index])[position], labels[index : index + 1])
            for index in range(len(labels))
        )

    def check_provenance(self) -> None:
        """Raise unless a provenance can be put into each sample."""
        append(self.dataset[0], "provenance", None)

    def make(self, plan: Plan, soft: Tensor | None, provenance: Provenance | None) -> list[Any]:
        """The items as a list; a real one is the wrapped dataset's own."""
        base, m = plan.base.tolist(), plan.neighbors.shape[1]
        fetched = self._fetch(base + plan.neighbors.ravel().tolist())
        items, others = fetched[: len(base)], fetched[len(base) :]
        for order, at in enumerate(plan.synthetic.tolist()):
            neighbors = others[order * m : (order + 1) * m]
            items[at] = mix_items(items[at], neighbors, plan.steps[order], self.target)
        if plan.ballot is not None and len(plan.synthetic):
            vote_items(items, plan.synthetic.tolist(), plan.ballot, self.categorical, self._fetch)
        if soft is not None:
            place = check_label(self.target)
            items = [replace_leaf(item, place, label) for item, label in zip(items, soft, strict=True)]
        if provenance is not None:
            origins = map(Provenance, *(values.unbind(0) for values in provenance))
            items = [append(item, "provenance", origin) for item, origin in zip(items, origins, strict=True)]
        return items

    def _fetch(self, rows: list[int]) -> list[Any]:
        items = read_items(self.dataset, rows)
        for leaf in leaves(items[0]) if items else ():
            if isinstance(leaf, Tensor) and leaf.device.type != "cpu":
                _refuse_worker(leaf.device)
        return items


def _refuse_worker(device: torch.device) -> None:
    if get_worker_info() is not None:
        raise ValueError(
            f"`dataset` holds tensors on {device}, which a DataLoader worker process cannot read; keep the "
            "data on the CPU, set num_workers=0, or use TensorLoader, which makes batches on the device"
        )
