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
    leaves,
    mix_items,
    replace_leaf,
    target_position,
)
from .plan import Plan, Provenance, Rows

__all__ = ["ItemSource", "TensorSource", "source_of"]


def source_of(dataset: Any) -> TensorSource | ItemSource:
    """The fast source where the dataset is a TensorDataset, or a Subset of one; else the general one."""
    rows = None
    tensors = dataset
    while type(tensors) is Subset:
        index = np.asarray(tensors.indices, dtype=np.int64)
        rows = index if rows is None else index[rows]
        tensors = tensors.dataset
    if type(tensors) is TensorDataset:
        return TensorSource(tensors.tensors, rows)
    return ItemSource(dataset)


class TensorSource:
    """One gather and one interpolation for each tensor of a TensorDataset.

    Args:
        tensors: Each of shape (n, ...), n at least 1. The second is the label where it holds one value a row.
        rows: Which of their rows are meant, shape (n_real,); None: all.
    """

    def __init__(self, tensors: Sequence[Tensor], rows: Rows | None = None) -> None:
        self.device = tensors[0].device
        self.target = target_position(tuple(values[0] for values in tensors))
        self._rows = rows
        self._columns = [column_of(values) for values in tensors]
        self._mixed = floating_positions(tuple(tensors), self.target)
        check_floating(self._mixed, tensors, "`dataset`")

    @property
    def row_bytes(self) -> int:
        """Bytes of a sample."""
        return sum(column.values[:1].nbytes for column in self._columns)

    def to(self, device: torch.device) -> TensorSource:
        """The same source with its tensors on ``device``."""
        return TensorSource([column.values.to(device) for column in self._columns], self._rows)

    def stacks(self, plan: Plan, soft: Tensor | None, provenance: Provenance | None) -> list[Stack]:
        """The batch as one tensor for each tensor of the dataset."""
        if self.device.type != "cpu":
            _refuse_worker(self.device)
        if self._rows is not None:
            plan = plan._replace(base=self._rows.take(plan.base), neighbors=self._rows.take(plan.neighbors))
        stacks: list[Stack] = []
        for position, column in enumerate(self._columns):
            if position == self.target and soft is not None:
                stacks.append(soft.to(self.device))
            else:
                stacks.append(column.mix(plan) if position in self._mixed else column.take(plan.base))
        if provenance is not None:
            stacks.append(Provenance(*(values.to(self.device) for values in provenance)))
        return stacks


class ItemSource:
    """Fetches the items that a plan names and mixes them leaf by leaf.

    Args:
        dataset: Any map-style dataset. Its ``__getitems__`` is used where it has one.
    """

    def __init__(self, dataset: Any) -> None:
        self.dataset = dataset
        first = dataset[0]
        self.target = target_position(first)
        check_floating(floating_positions(first, self.target), leaves(first), "item 0")

    def make(self, plan: Plan, soft: Tensor | None, provenance: Provenance | None) -> list[Any]:
        """The items as a list; a real one is the wrapped dataset's own."""
        base, m = plan.base.tolist(), plan.neighbors.shape[1]
        fetched = self._fetch(base + plan.neighbors.ravel().tolist())
        items, others = fetched[: len(base)], fetched[len(base) :]
        for order, at in enumerate(plan.synthetic.tolist()):
            neighbors = others[order * m : (order + 1) * m]
            items[at] = mix_items(items[at], neighbors, plan.steps[order], self.target)
        if soft is not None:
            items = [self._relabel(item, label) for item, label in zip(items, soft, strict=True)]
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

    def _relabel(self, item: Any, label: Tensor) -> Any:
        if self.target is None:
            raise ValueError("`soft_labels=True` needs items that hold their label as second leaf")
        return replace_leaf(item, self.target, label)


def _refuse_worker(device: torch.device) -> None:
    if get_worker_info() is not None:
        raise ValueError(
            f"`dataset` holds tensors on {device}, which a DataLoader worker process cannot read; keep the "
            "data on the CPU, set num_workers=0, or use TensorLoader, which makes batches on the device"
        )
