"""A TensorDict or tensorclass as a dataset: whole batches, one gather and one interpolation for each leaf."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import torch

from ..extras import import_extra
from .batch import Stack
from .plan import Plan, Provenance, Rows
from .sources import TensorSource

__all__ = ["TensorDictSource", "check_tensordict", "first_item", "is_tensordict", "leaf_of"]


def is_tensordict(dataset: Any) -> bool:
    """Whether it is a TensorDict or a tensorclass; tensordict is not imported to find out."""
    return "tensordict" in sys.modules and bool(_tensordict().is_tensor_collection(dataset))


def _tensordict() -> Any:
    return import_extra("tensordict", "trainers")


def check_tensordict(dataset: Any) -> None:
    """Raise unless rows can be read from its leaves.

    Raises:
        TypeError: If its leaves are stacked, or read from a file, only when asked for.
        ValueError: If it has no batch dimension, or holds no tensor.
    """
    kinds = {"LazyStackedTensorDict": ".contiguous()", "PersistentTensorDict": ".memmap()"}
    for kind, remedy in kinds.items():
        if isinstance(dataset, getattr(_tensordict(), kind)):
            raise TypeError(
                f"`dataset` is a {kind}, which makes its tensors anew each time they are read; "
                f"turn it into one that holds them, with {remedy}"
            )
    if not dataset.batch_size:
        raise ValueError(
            f"`dataset` must have a batch dimension, its rows, but this {type(dataset).__name__} has "
            "batch_size=[]; set dataset.batch_size = [n]"
        )
    if not _keys(dataset):
        raise ValueError("`dataset` holds no tensor; SMOTEDataset needs features to interpolate")


def _keys(collection: Any) -> list[Any]:
    return list(collection.keys(include_nested=True, leaves_only=True))


def leaf_of(collection: Any, position: int) -> torch.Tensor:
    """One of its tensors, shape (n, ...)."""
    leaf: torch.Tensor = collection.get(_keys(collection)[position])
    return leaf


def first_item(collection: Any) -> dict[str, Any]:
    """The tensors of row 0 as a dict, nested as they are; their order is that of `TensorDictSource`."""
    item: dict[str, Any] = {}
    for key in _keys(collection):
        *above, name = key if isinstance(key, tuple) else (key,)
        part = item
        for step in above:
            part = part.setdefault(step, {})
        part[name] = collection.get(key)[0]
    return item


class TensorDictSource(TensorSource):
    """The tensors of a TensorDict, made as those of a TensorDataset and put together again.

    Args:
        collection: A TensorDict or tensorclass whose first batch dimension, of length n, counts the rows.
        rows: See `TensorSource`.
        has_label: See `TensorSource`; the label is found by its key.
        categorical: See `TensorSource`; in the order of ``keys(True, True)``.
    """

    def __init__(
        self,
        collection: Any,
        rows: Rows | None = None,
        has_label: bool = True,
        categorical: tuple[int, ...] = (),
    ) -> None:
        self.keys = _keys(collection)
        tensors = [collection.get(key) for key in self.keys]
        super().__init__(tensors, rows, has_label, categorical, first_item(collection))
        # All but the values: nested batch sizes, classes, names, and what is no tensor, which comes from the
        # base row. To read rows of it costs next to nothing.
        self._frame = collection.apply(lambda values: values.new_empty((*values.shape, 0)))

    def to(self, device: torch.device) -> TensorDictSource:
        """The same source with its tensors on ``device``."""
        moved = super().to(device)
        assert isinstance(moved, TensorDictSource)
        moved._frame = self._frame.to(device)
        return moved

    def stacks(self, plan: Plan, soft: torch.Tensor | None, provenance: Provenance | None) -> list[Stack]:
        """As `TensorSource`; before them, the base row of each sample in the collection."""
        base = plan.base if self._rows is None else self._rows.take(plan.base)
        return [torch.from_numpy(base).to(self.device), *super().stacks(plan, soft, provenance)]

    def samples(self, stacks: Sequence[Stack]) -> Any:
        """The batch as a collection of the same kind, batch_size (b, ...); both kinds of loader take it."""
        base, *values = stacks
        made = self._frame[base]
        for key, stack in zip(self.keys, values, strict=False):
            made.set(key, stack)
        if isinstance(values[-1], Provenance):
            origin = _tensordict().TensorDict(values[-1]._asdict(), batch_size=[len(made)])
            made.set("provenance", origin)
        return made

    def collated(self, stacks: Sequence[Stack]) -> Any:
        """The same."""
        return self.samples(stacks)

    def check_provenance(self) -> None:
        """Raise unless a provenance can be put into each sample.

        Raises:
            ValueError: If it is a tensorclass without such a field, or the key is taken.
        """
        if _tensordict().is_tensorclass(self._frame):
            raise ValueError(
                "`return_provenance=True` adds a key to each item, which a tensorclass cannot take; "
                "ask SMOTEDataset.provenance(index) instead"
            )
        if "provenance" in set(self._frame.keys()):  # `in` a TensorDict is an error
            raise ValueError(
                "items already have a key 'provenance', so none can be appended; rename it, or leave out "
                "`return_provenance`"
            )
