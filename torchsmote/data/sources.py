"""How the samples of a plan are made: from whole tensors at once, or item by item."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.utils.data import Subset, TensorDataset, get_worker_info

from ..draws import blend
from .batch import Batch, Column
from .items import (
    append,
    check_floating,
    floating_positions,
    leaves,
    mix_items,
    replace_leaf,
    target_position,
)
from .plan import Plan, Provenance

__all__ = ["ItemSource", "Source", "TensorSource", "source_of"]


class Source(Protocol):
    """Makes the samples of a plan."""

    def make(self, plan: Plan, soft: Tensor | None, provenance: Provenance | None) -> Sequence[Any]:
        """Samples of a batch, with their labels replaced by ``soft`` and ``provenance`` appended."""
        ...


def source_of(dataset: Any) -> Source:
    """The fast source where the dataset is a TensorDataset, or a Subset of one; else the general one."""
    rows = None
    tensors = dataset
    while type(tensors) is Subset:
        index = torch.as_tensor(tensors.indices, dtype=torch.int64)
        rows = index if rows is None else index[rows]
        tensors = tensors.dataset
    if type(tensors) is TensorDataset:
        return TensorSource(tensors.tensors, rows)
    return ItemSource(dataset)


class TensorSource:
    """One gather and one interpolation for each tensor of a TensorDataset.

    Args:
        tensors: Each of shape (n, ...), n at least 1. The second is the label where it holds one value a row.
        rows: Which of their rows are meant, int64, shape (n_real,); None: all.
    """

    def __init__(self, tensors: Sequence[Tensor], rows: Tensor | None = None) -> None:
        self.tensors = tuple(tensors)
        self.rows = rows
        self.target = target_position(tuple(values[0] for values in self.tensors))
        self.device = self.tensors[0].device
        self._mixed = floating_positions(self.tensors, self.target)
        check_floating(self._mixed, self.tensors, "`dataset`")

    def to(self, device: torch.device) -> TensorSource:
        """The same source with its tensors on ``device``."""
        rows = None if self.rows is None else self.rows.to(device)
        return TensorSource([values.to(device) for values in self.tensors], rows)

    def columns(self, plan: Plan, soft: Tensor | None, provenance: Provenance | None) -> list[Column]:
        """The batch as one tensor for each tensor of the dataset."""
        base, neighbors = plan.base, plan.neighbors
        if self.rows is not None:
            base = self.rows.index_select(0, base)
            neighbors = self.rows.index_select(0, neighbors.flatten()).reshape(neighbors.shape)
        columns: list[Column] = []
        for position, values in enumerate(self.tensors):
            if position == self.target and soft is not None:
                columns.append(soft)
                continue
            made = values.index_select(0, base)
            if position in self._mixed:
                self._mix(made, values, plan._replace(base=base, neighbors=neighbors))
            columns.append(made)
        return columns if provenance is None else [*columns, provenance]

    def make(self, plan: Plan, soft: Tensor | None, provenance: Provenance | None) -> Batch:
        """The same as a `Batch`."""
        if self.device.type != "cpu":
            _refuse_worker(self.device)
            plan = Plan(*(values.to(self.device) for values in plan))
        return Batch(self.columns(plan, soft, provenance))

    @staticmethod
    def _mix(made: Tensor, values: Tensor, plan: Plan) -> None:
        """Overwrite the synthetic samples; real ones are never touched, so an inf in them stays alone."""
        s, m = plan.neighbors.shape
        others = values.index_select(0, plan.neighbors.flatten()).reshape(s, m, *values.shape[1:])
        own = made.index_select(0, plan.synthetic)
        made.index_copy_(0, plan.synthetic, blend(own, others, plan.steps, out=own))


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
        fetched = self._fetch(base + plan.neighbors.flatten().tolist())
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
