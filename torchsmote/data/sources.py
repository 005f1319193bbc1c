"""How the samples of a plan are made: from whole tensors at once, or item by item."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Subset, TensorDataset, get_worker_info

from .batch import Stack
from .columns import column_of
from .items import (
    append,
    check_floating,
    floating_positions,
    is_floating,
    leaves,
    mix_items,
    replace_leaf,
    target_position,
)
from .labels import differs
from .plan import Plan, Provenance, Rows

__all__ = ["ItemSource", "TensorSource", "check_label", "source_of"]


def source_of(dataset: Any, targets: Any = None) -> TensorSource | ItemSource:
    """The fast source where the dataset is a TensorDataset, or a Subset of one; else the general one.

    Args:
        dataset: A map-style dataset, not empty.
        targets: Labels that were given besides, shape (n_real,): a floating leaf in the label's place that
            differs from them is data.
    """
    rows = None
    tensors = dataset
    while type(tensors) is Subset:
        index = np.asarray(tensors.indices, dtype=np.int64)
        rows = index if rows is None else index[rows]
        tensors = tensors.dataset
    if type(tensors) is TensorDataset:
        source = TensorSource(tensors.tensors, rows)
        target = source.target
        if target is None or targets is None or not differs(source.leaf(target), targets):
            return source
        return TensorSource(tensors.tensors, rows, has_label=False)
    return ItemSource(dataset, targets)


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
        tensors: Each of shape (n, ...), n at least 1. The second is the label where it holds one value a row.
        rows: Which of their rows are meant, shape (n_real,); None: all.
        has_label: False: the second is no label, whatever it holds.

    Attributes:
        target: Position of the label; None where there is none.
        mixed: Positions of what is interpolated, at least one.
    """

    def __init__(self, tensors: Sequence[Tensor], rows: Rows | None = None, has_label: bool = True) -> None:
        self.device = tensors[0].device
        self.target = target_position(tuple(values[0] for values in tensors)) if has_label else None
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
        return TensorSource(moved, self._rows, self.target is not None)

    def stacks(self, plan: Plan, soft: Tensor | None, provenance: Provenance | None) -> list[Stack]:
        """The batch as one tensor for each tensor of the dataset."""
        if self.device.type != "cpu":
            _refuse_worker(self.device)
        if self._rows is not None:
            plan = plan._replace(base=self._rows.take(plan.base), neighbors=self._rows.take(plan.neighbors))
        soft_place = None if soft is None else check_label(self.target)
        stacks: list[Stack] = []
        for position, column in enumerate(self._columns):
            if soft is not None and position == soft_place:
                stacks.append(soft.to(self.device))
            else:
                stacks.append(column.mix(plan) if position in self.mixed else column.take(plan.base))
        if provenance is not None:
            stacks.append(Provenance(*(values.to(self.device) for values in provenance)))
        return stacks


class ItemSource:
    """Fetches the items that a plan names and mixes them leaf by leaf.

    Args:
        dataset: Any map-style dataset. Its ``__getitems__`` is used where it has one.
        targets: Labels that were given besides, shape (n,), or None. Where the label's place holds a float,
            items are read until one differs from them: then it is data.

    Attributes:
        target: Position of the label's leaf; None where there is none.
        mixed: Positions of the leaves that are interpolated in item 0, at least one.
    """

    def __init__(self, dataset: Any, targets: Any = None) -> None:
        self.dataset = dataset
        first = dataset[0]
        target = target_position(first)
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

    def make(self, plan: Plan, soft: Tensor | None, provenance: Provenance | None) -> list[Any]:
        """The items as a list; a real one is the wrapped dataset's own."""
        base, m = plan.base.tolist(), plan.neighbors.shape[1]
        fetched = self._fetch(base + plan.neighbors.ravel().tolist())
        items, others = fetched[: len(base)], fetched[len(base) :]
        for order, at in enumerate(plan.synthetic.tolist()):
            neighbors = others[order * m : (order + 1) * m]
            items[at] = mix_items(items[at], neighbors, plan.steps[order], self.target)
        if soft is not None:
            place = check_label(self.target)
            items = [replace_leaf(item, place, label) for item, label in zip(items, soft, strict=True)]
        if provenance is not None:
            origins = map(Provenance, *(values.unbind(0) for values in provenance))
            items = [append(item, "provenance", origin) for item, origin in zip(items, origins, strict=True)]
        return items

    def _fetch(self, rows: list[int]) -> list[Any]:
        many = getattr(self.dataset, "__getitems__", None)
        items = [self.dataset[row] for row in rows] if many is None else list(many(rows))
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
