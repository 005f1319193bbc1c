"""How the samples of a plan are made: from whole tensors at once, or item by item."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Subset, TensorDataset, get_worker_info

from .batch import Stack
from .categorical import categorical_positions
from .columns import Column, column_of
from .items import (
    append,
    check_floating,
    floating_positions,
    is_floating,
    leaves,
    mix_items,
    read_items,
    replace_leaf,
    target_position,
)
from .labels import differs, is_label
from .plan import Plan, Provenance, Rows
from .voting import elect, vote_items

__all__ = ["ItemSource", "TensorSource", "check_label", "source_of"]


def source_of(dataset: Any, targets: Any = None, categorical: Any = None) -> TensorSource | ItemSource:
    """The fast source where the dataset is a TensorDataset, or a Subset of one; else the general one.

    Args:
        dataset: A map-style dataset, not empty.
        targets: Labels that were given besides, shape (n_real,): a floating leaf in the label's place that
            differs from them is data.
        categorical: See `SMOTEDataset`.
    """
    rows = None
    tensors = dataset
    while type(tensors) is Subset:
        index = np.asarray(tensors.indices, dtype=np.int64)
        rows = index if rows is None else index[rows]
        tensors = tensors.dataset
    if type(tensors) is TensorDataset:
        voted = categorical_positions(tuple(values[0] for values in tensors.tensors), categorical)
        source = TensorSource(tensors.tensors, rows, categorical=voted)
        target = source.target
        if target is None or targets is None or not differs(source.leaf(target), targets):
            return source
        return TensorSource(tensors.tensors, rows, has_label=False, categorical=voted)
    return ItemSource(dataset, targets, categorical)


def check_label(target: int | None) -> int:
    """The label's position, which soft labels need; ValueError where items have none."""
    if target is None:
        raise ValueError(
            "`soft_labels=True` replaces the label in each item, but items hold none: one value as second "
            "leaf or under a key such as 'y', equal to `targets` where those are given; put the labels into "
            "the items, as in TensorDataset(X, y)"
        )
    return target


class TensorSource:
    """One gather and one interpolation for each tensor of a TensorDataset.

    Args:
        tensors: Each of shape (n, ...), n at least 1. The second of those that are no categories is the label
            where it holds one value a row.
        rows: Which of their rows are meant, shape (n_real,); None: all.
        has_label: False: the second is no label, whatever it holds.
        categorical: Positions of the tensors that hold categories.

    Attributes:
        target: Position of the label; None where there is none.
        mixed: Positions of what is interpolated, at least one.
        categorical: Positions of what is voted.
    """

    def __init__(
        self,
        tensors: Sequence[Tensor],
        rows: Rows | None = None,
        has_label: bool = True,
        categorical: tuple[int, ...] = (),
    ) -> None:
        self.device = tensors[0].device
        self.categorical = categorical
        item = tuple(values[0] for values in tensors)
        self.target = target_position(item, categorical) if has_label else None
        self._rows = rows
        self._columns = [column_of(values) for values in tensors]
        self.mixed = floating_positions(tuple(tensors), self.target)
        check_floating(self.mixed, tensors, "`dataset`")

    @property
    def row_bytes(self) -> int:
        """Bytes of a sample, at least 1."""
        return max(1, sum(column.values[:1].nbytes for column in self._columns))

    def leaf(self, position: int) -> Tensor:
        """One tensor's rows, shape (n_real, ...)."""
        column = self._columns[position]
        return column.values if self._rows is None else column.take(self._rows)

    def to(self, device: torch.device) -> TensorSource:
        """The same source with its tensors on ``device``."""
        moved = [column.values.to(device) for column in self._columns]
        return TensorSource(moved, self._rows, self.target is not None, self.categorical)

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


def _voted(column: Column, plan: Plan, first: int) -> Tensor:
    """The samples of a plan from a tensor of categories, whose columns are counted from ``first`` on."""
    made, ballot = column.take(plan.base), plan.ballot
    if ballot is None or not len(plan.synthetic):
        return made
    candidates = column.take(np.maximum(ballot.voters, 0).ravel()).unflatten(0, ballot.voters.shape)
    at = torch.from_numpy(plan.synthetic).to(made.device, non_blocking=True)
    return made.index_copy_(0, at, elect(candidates, ballot, first))


class ItemSource:
    """Fetches the items that a plan names and mixes them leaf by leaf.

    Args:
        dataset: Any map-style dataset. Its ``__getitems__`` is used where it has one.
        targets: Labels that were given besides, shape (n,), or None. Where the label's place holds a float,
            items are read until one differs from them: then it is data.
        categorical: See `SMOTEDataset`.

    Attributes:
        target: Position of the label's leaf; None where there is none.
        mixed: Positions of the leaves that are interpolated in item 0, at least one.
        categorical: Positions of the leaves that are voted.
    """

    def __init__(self, dataset: Any, targets: Any = None, categorical: Any = None) -> None:
        self.dataset = dataset
        first = dataset[0]
        self.categorical = categorical_positions(first, categorical)
        target = target_position(first, self.categorical)
        self.target = None if target is None or self._is_data(target, first, targets) else target
        self.mixed = floating_positions(first, self.target)
        check_floating(self.mixed, leaves(first), "item 0")

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
