"""What an encoder takes of the items of a dataset, batch by batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch.utils.data import Dataset, TensorDataset, default_collate

from .items import read_items, searched_leaf
from .tensordicts import is_tensordict, leaf_of

__all__ = ["Inputs"]


class Inputs(Dataset[Any]):
    """What an encoder takes of some items at a time, stacked.

    Args:
        dataset: A map-style dataset.
        position: Which leaf of an item the encoder takes.
        inputs: From an item to what it takes instead; None: that leaf.
    """

    def __init__(self, dataset: Any, position: int, inputs: Callable[[Any], Any] | None) -> None:
        self.dataset, self.position, self.inputs = dataset, position, inputs

    def __getitem__(self, rows: list[int]) -> Any:
        if self.inputs is None and type(self.dataset) is TensorDataset:
            return self.dataset.tensors[self.position][rows]
        if self.inputs is None and is_tensordict(self.dataset):
            return leaf_of(self.dataset, self.position)[rows]
        items = read_items(self.dataset, rows)
        values = [self._input(item, row) for item, row in zip(items, rows, strict=True)]
        try:
            return default_collate(values)
        except RuntimeError as error:
            raise ValueError(
                f"ragged items: what the encoder of `features` takes of items {rows[0]} to {rows[-1]} cannot "
                f"be stacked ({str(error).splitlines()[0]}); give all one shape, or pass `inputs`"
            ) from error

    def _input(self, item: Any, row: int) -> Any:
        return searched_leaf(item, row, self.position) if self.inputs is None else self.inputs(item)
